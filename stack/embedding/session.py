"""An exported encoder, run by ONNX Runtime alone: texts → unit vectors.

sentence-transformers exports the model (`export.py`); running it needs neither torch nor transformers. That is worth
800 MB and 6 s in every process (docs/decisions/embedding.md). `tests/unit/embedding/test_session.py` holds
the vectors to those of `SentenceTransformer.encode` on the same file.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
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
    """A model folder as `export.py` writes it. Thread-safe: a run holds no state.

    Each text runs alone, on one core, `threads` of them at a time. Batches would be no faster on a CPU, and dynamic
    int8 scales its activations over the whole batch, so a vector would depend on its neighbours (cosine down to 0.98):
    docs/decisions/embedding.md.
    """

    def __init__(self, model_file: Path, tokenizer_file: Path, pooling: Pooling, max_tokens: int, threads: int) -> None:
        self.pooling = pooling
        self.tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self.tokenizer.enable_truncation(max_tokens)
        self.tokenizer.no_padding()
        self.session = ort.InferenceSession(str(model_file), _session_options(), providers=["CPUExecutionProvider"])
        self.inputs = {node.name for node in self.session.get_inputs()}
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="embed")

    def encode(self, texts: list[str]) -> Vectors:
        """Encode `n` texts → float32 `(n, d)`, each of length 1."""
        if not texts:
            return np.empty((0, 0), np.float32)
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        rows = map(self._run, tokens) if len(tokens) == 1 else self._workers.map(self._run, tokens)
        return unit(np.stack(list(rows)))

    def _run(self, tokens: list[int]) -> Vectors:
        ids = np.array([tokens], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        states = self.session.run(None, {name: feed[name] for name in self.inputs})[0]
        return pool(np.asarray(states[0], np.float32), self.pooling)


def pool(states: Vectors, pooling: Pooling) -> Vectors:
    """Token states `(t, d)` → `(d,)`: their mean, or the first token's state."""
    return states[0] if pooling == "cls" else np.asarray(states.mean(axis=0), np.float32)


def unit(vectors: Vectors) -> Vectors:
    """Scale each row to length 1; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def _session_options() -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
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
