"""A model in training: its loss, its optimiser, one step, and the mean with the base model at the end.

torch and sentence-transformers are imported where they are used: only this command pays for them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from learn.encoder.job import Job
from learn.encoder.pairs import Pair
from learn.encoder.rules import EncoderRules
from stack.errors import ConfigError

# A SentenceTransformer: its module is not even imported for its name.
Model = Any
# Parts of a weight's name in the transformers library: BERT and most that came after it.
EMBEDDINGS = "embeddings."
LAYER = re.compile(r"\blayers?\.(\d+)\.")


class Run:
    """A model in training."""

    def __init__(self, model: Model, loss: Any, optimizer: Any, schedule: Any) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.schedule = schedule

    @classmethod
    def start(cls, job: Job) -> Run:
        """The base model, its loss and optimiser, before the first step. Seeds torch."""
        import torch

        rules = job.rules
        if rules.threads:
            torch.set_num_threads(rules.threads)
        torch.manual_seed(job.seed)
        model = load(job)
        model.train()
        for name, weights in model.named_parameters():
            weights.requires_grad = not is_frozen(name, rules.frozen_layers)
        moving = [weights for weights in model.parameters() if weights.requires_grad]
        optimizer = torch.optim.AdamW(moving, lr=rules.learning_rate, weight_decay=rules.weight_decay)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: pace(step, rules.steps, rules.warmup))
        return cls(model, _loss(model, rules), optimizer, schedule)

    def step(self, batch: Sequence[Pair]) -> float:
        """One step of the optimiser. Returns the loss before it. Raises ConfigError when it is no number any more."""
        import torch

        loss = self.loss([self._features(texts) for texts in self._columns(batch)], None)
        value = float(loss.detach())
        if value != value:
            raise ConfigError("the loss is not a number any more", "Lower learning_rate in ranking/encoder.yml")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        return value

    def _columns(self, batch: Sequence[Pair]) -> list[list[str]]:
        """Anchors, positives and, where the pairs have them, negatives, with the prefixes that some models want."""
        query, document = (self.model.prompts.get(name) or "" for name in ("query", "document"))
        columns = [[query + pair.anchor for pair in batch], [document + pair.positive for pair in batch]]
        return [*columns, [document + pair.negative for pair in batch]] if batch[0].negative else columns

    def _features(self, texts: list[str]) -> dict[str, Any]:
        # The tokenizer itself: the model's own way to call it has changed its name between versions.
        limit = {"padding": True, "truncation": True, "max_length": self.model.max_seq_length}
        return dict(self.model.tokenizer(texts, return_tensors="pt", **limit).to(self.model.device))

    def average(self, job: Job) -> None:
        """keep × base + (1 - keep) × tuned: it forgets less of what the base model knew (WiSE-FT, arXiv:2109.01903)."""
        import torch

        keep, base = job.rules.keep, load(job).state_dict()
        with torch.no_grad():
            for name, weights in self.model.state_dict().items():
                if weights.is_floating_point():
                    weights.mul_(1 - keep).add_(base[name].to(weights.device), alpha=keep)


def is_frozen(name: str, layers: int) -> bool:
    """Is a weight kept as it is? With `layers` frozen, the word embeddings are too; with 0 nothing is.

    `"0.auto_model.encoder.layer.2.output.dense.weight"`, 3 → True
    """
    layer = LAYER.search(name)
    return layers > 0 and (EMBEDDINGS in name or (layer is not None and int(layer[1]) < layers))


def pace(step: int, steps: int, warmup: float) -> float:
    """The share of the learning rate at a step: up in a line over the warm-up, then down in a line to 0 at the end."""
    rise = warmup * steps
    return (step + 1) / (rise + 1) if step < rise else max(0.0, (steps - step) / max(1.0, steps - rise))


def load(job: Job) -> Model:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(job.base), local_files_only=True)
    model.max_seq_length = min(job.max_tokens, model.max_seq_length or job.max_tokens)
    return model


def _loss(model: Model, rules: EncoderRules) -> Any:
    # Newer releases keep it elsewhere, and warn where the older ones have it.
    place = "sentence_transformers.sentence_transformer.losses"
    losses = import_module(
        place if find_spec("sentence_transformers.sentence_transformer") else "sentence_transformers.losses"
    )
    return losses.MultipleNegativesRankingLoss(model, scale=rules.scale)
