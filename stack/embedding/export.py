"""Export a sentence-transformers model to ONNX, fp32 and int8, once, under the cache folder.

Runs in a process of its own (`python -m stack.embedding.export SOURCE TARGET`): torch is needed for this and for
nothing else, and its memory goes with the process.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from filelock import FileLock

from stack.errors import ConfigError

INT8_FILE = "onnx/model_quint8_avx2.onnx"
FP32_FILE = "onnx/model.onnx"
KNOWN_MODULES = ("Transformer", "Pooling", "Normalize")


def ensure_exported(source: Path, target: Path) -> Path:
    """Return `target`, made from `source` when it is not there. Safe when several processes ask at once.

    Raises ConfigError when the model cannot be exported.
    """
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{target}.lock"):
        if not target.is_dir():
            _export_beside(source, target)
    return target


def _export_beside(source: Path, target: Path) -> None:
    _check_modules(source)
    for stale in target.parent.glob(f"{target.name}.*/"):  # of an export that was killed: we hold the lock
        shutil.rmtree(stale, ignore_errors=True)
    beside = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        command = [sys.executable, "-m", "stack.embedding.export", str(source), str(beside)]
        environment = os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)  # noqa: S603
        if done.returncode:
            raise ConfigError(
                f"the model in {source} could not be exported to ONNX: {_last_line(done.stderr)}",
                "Is it a sentence-transformers folder, and is there 1 GB of free disk?",
            )
        beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]


def _check_modules(source: Path) -> None:
    modules = json.loads((source / "modules.json").read_text()) if (source / "modules.json").is_file() else []
    kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    if not kinds or any(kind not in KNOWN_MODULES for kind in kinds):
        raise ConfigError(
            f"the model in {source} is made of {', '.join(kinds) or 'no modules'}",
            f"Souk runs models made of {', '.join(KNOWN_MODULES)}",
        )


def _main(source: str, target: str) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.backend import export_dynamic_quantized_onnx_model

    options = {"provider": "CPUExecutionProvider"}
    model = SentenceTransformer(source, backend="onnx", model_kwargs=options)
    model.save_pretrained(target)
    # "avx2" runs, with the same vectors, on every x86-64 server; "arm64" is its counterpart.
    config = "arm64" if os.uname().machine in ("arm64", "aarch64") else "avx2"
    export_dynamic_quantized_onnx_model(model, config, target, file_suffix="quint8_avx2")


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2])
