"""What identifies an embedding model: vectors are comparable only when this is equal."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# Raise it when `text.py` changes what a document's text is: old vectors are then refused, not mixed in.
TEXT_VERSION = 1
DECIDING_FILES = ("tokenizer.json", "modules.json", "1_Pooling/config.json", "config_sentence_transformers.json")
WEIGHT_FILES = ("model.safetensors", "pytorch_model.bin", "onnx/model.onnx")


@dataclass(frozen=True)
class ModelCard:
    """Name, vector dimension, and a hash over the source, precision, token limit and text version (`model_hash`)."""

    name: str
    dimension: int
    hash: str

    def as_meta(self) -> dict[str, Any]:
        """The form written in an index's `_meta`."""
        return asdict(self)


def model_hash(source_hash: str, precision: str, max_tokens: int) -> str:
    """16 hex digits. Of the *source*: a quantised file's bytes differ between exporters, its vectors do not."""
    facts = f"{source_hash}|{precision}|{max_tokens}|text-{TEXT_VERSION}"
    return hashlib.blake2b(facts.encode(), digest_size=8).hexdigest()


def source_hash(folder: Path, weights_sha256: str) -> str:
    """32 hex digits over all that decides a model's vectors: weights, tokenizer, modules, pooling, prompts."""
    parts = [sha256_of(folder / name) if (folder / name).is_file() else "" for name in DECIDING_FILES]
    return hashlib.blake2b("|".join([weights_sha256, *parts]).encode(), digest_size=16).hexdigest()


def weights_file(folder: Path) -> Path:
    """The weights of a sentence-transformers folder. Raises FileNotFoundError when there are none."""
    for name in WEIGHT_FILES:
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(f"no weights ({', '.join(WEIGHT_FILES)}) in {folder}")


def sha256_of(path: Path) -> str:
    """The sha256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
