"""An exported encoder, run by ONNX Runtime alone: texts → unit vectors.

sentence-transformers exports the model (`export.py`); running it needs neither torch nor transformers. That is worth
800 MB and 6 s in every process (docs/decisions/embedding-runtime.md). `tests/unit/embedding/test_session.py` holds
the vectors to those of `SentenceTransformer.encode` on the same file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from stack.embedding.source import pooling_config
from stack.errors import ConfigError

Vectors = NDArray[np.float32]
Pooling = Literal["mean", "cls"]


class OnnxSession:
    """A model folder as `export.py` writes it. Thread-safe: a run holds no state."""

    def __init__(self, model_file: Path, tokenizer_file: Path, pooling: Pooling, max_tokens: int, threads: int) -> None:
        self.pooling = pooling
        self.tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self.tokenizer.enable_truncation(max_tokens)
        self.tokenizer.no_padding()
        self.session = ort.InferenceSession(
            str(model_file), _session_options(threads), providers=["CPUExecutionProvider"]
        )
        self.inputs = {node.name for node in self.session.get_inputs()}

    def encode(self, texts: list[str], batch: int) -> Vectors:
        """Encode `n` texts → float32 `(n, d)`, each of length 1. Texts of like length share a batch: less padding."""
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        by_length = sorted(range(len(texts)), key=lambda place: len(tokens[place]))
        parts = [by_length[start : start + batch] for start in range(0, len(texts), batch)]
        done = [self._run([tokens[place] for place in part]) for part in parts]
        vectors = np.empty((len(texts), done[0].shape[1] if done else 0), np.float32)
        for part, result in zip(parts, done, strict=True):
            vectors[part] = result
        return vectors

    def _run(self, tokens: list[list[int]]) -> Vectors:
        width = max(map(len, tokens))
        ids = np.zeros((len(tokens), width), np.int64)
        mask = np.zeros_like(ids)
        for row, sequence in enumerate(tokens):
            ids[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self.session.run(None, {name: feed[name] for name in self.inputs})[0]
        return unit(pool(np.asarray(states, np.float32), mask, self.pooling))


def pool(states: Vectors, mask: NDArray[np.int64], pooling: Pooling) -> Vectors:
    """Token states `(n, t, d)` and mask `(n, t)` → `(n, d)`: the mean over real tokens, or the first token's state."""
    if pooling == "cls":
        return np.ascontiguousarray(states[:, 0])
    weights = mask[:, :, None].astype(np.float32)
    return np.asarray((states * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9), np.float32)


def unit(vectors: Vectors) -> Vectors:
    """Scale each row to length 1; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def _session_options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads would take the cores from the engine and the writers between two batches.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def read_pooling(folder: Path) -> Pooling:
    """The pooling of a sentence-transformers folder.

    Raises ConfigError for one that this runtime does not know (it does mean and cls).
    """
    modes = pooling_config(folder)
    mode = modes.get("pooling_mode")  # since sentence-transformers 5.2; one flag a mode before
    if mode == "mean" or modes.get("pooling_mode_mean_tokens"):
        return "mean"
    if mode == "cls" or modes.get("pooling_mode_cls_token"):
        return "cls"
    raise ConfigError(f"the model in {folder} pools neither by mean nor by cls", "Set SOUK_MODEL to one that does")
