"""The bare model: sentence-transformers on the very ONNX file that Souk runs, in a process of its own.

    python -m bench.bare_model FOLDER FILE MAX_TOKENS THREADS
    {"texts": ["laptop"], "batch": 32}  →  {"seconds": 0.0031}

`BareModel` is the other end. Texts are encoded and timed there, so torch's memory and its start do not count here.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import orjson

from bench.processes import environment
from stack.embedding.export import FP32_FILE, INT8_FILE, ensure_exported
from stack.embedding.source import find_source
from stack.errors import SoukError
from stack.settings import ROOT, Settings


class BareModel:
    """The running model."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def encode(self, texts: Sequence[str], batch: int) -> float:
        """The seconds of one `SentenceTransformer.encode` call. Raises SoukError when the process is gone."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(orjson.dumps({"texts": list(texts), "batch": batch}) + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise SoukError("the process of the bare model is gone") from None
        return float(self.answer()["seconds"])

    def answer(self) -> dict[str, float]:
        """Its next line. Raises SoukError when there is none."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SoukError("the bare model could not be run with sentence-transformers")
        answer: dict[str, float] = orjson.loads(line)
        return answer


@contextmanager
def bare_model(settings: Settings) -> Iterator[BareModel]:
    """The model of the settings, loaded when the block begins, with as many threads and tokens as ours has.

    Raises ConfigError when the model cannot be had, SoukError when sentence-transformers cannot run it.
    """
    name, source, sha256 = find_source(settings.model)
    folder = ensure_exported(source, settings.cache_dir / "models" / f"{name}-{sha256[:12]}")
    file = INT8_FILE if settings.model_precision == "int8" else FP32_FILE
    arguments = [str(folder), file, str(settings.model_max_tokens), str(settings.embed_threads)]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.bare_model", *arguments],
        cwd=ROOT,
        env=environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        model = BareModel(process)
        model.answer()
        yield model
    finally:
        process.terminate()
        process.wait()


def main(folder: str, file: str, max_tokens: str, threads: str) -> None:
    """Load the model, say so, then answer each line."""
    import onnxruntime as ort
    from sentence_transformers import SentenceTransformer

    options = ort.SessionOptions()
    options.intra_op_num_threads = int(threads)
    keywords = {"provider": "CPUExecutionProvider", "file_name": file, "session_options": options}
    model = SentenceTransformer(folder, backend="onnx", model_kwargs=keywords)
    model.max_seq_length = int(max_tokens)
    _say({"seconds": 0.0})
    for line in sys.stdin.buffer:
        asked = orjson.loads(line)
        started = time.perf_counter()
        model.encode(asked["texts"], batch_size=asked["batch"], normalize_embeddings=True, show_progress_bar=False)
        _say({"seconds": time.perf_counter() - started})


def _say(answer: dict[str, float]) -> None:
    sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
