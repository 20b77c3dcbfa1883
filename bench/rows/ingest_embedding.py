"""Ingestion with text vectors against the bare model's own rate on the same texts, and the memory that it takes."""

from __future__ import annotations

from pathlib import Path

import orjson

from bench.bare_model import BareModel, bare_model
from bench.bed import WRITTEN, Bed
from bench.rows.ingest import empty, rate
from bench.rows.memory import megabytes
from bench.table import Figure, Result, Row, Target
from bench.timing import median_ratio
from stack.embedding.text import PASSAGE_BREAK, document_text
from stack.settings import Settings

# The default batch of SentenceTransformer.encode.
BATCH = 32
SLICES = 4
RATE, MEMORY = Target("≥", 0.9), Target("≤", 1500)


def measure(bed: Bed) -> Result:
    """Two rows. The catalogue is dealt into slices; each goes through both, ours and the model taking turns first."""
    settings = _without_vectors(bed, empty(bed, WRITTEN))
    ours: list[float] = []
    bare: list[float] = []
    peaks: list[int] = []
    with bare_model(bed.settings) as model:
        for number, (file, texts) in enumerate(_slices(bed)):
            for which in ("ours", "bare") if number % 2 == 0 else ("bare", "ours"):
                if which == "ours":
                    done = bed.ingest(["products", str(file)], settings, f"ingest with vectors, slice {number + 1}")
                    ours.append(done.last["vectors_computed"] / done.last["seconds"])
                    peaks.append(done.peak_rss)
                else:
                    bare.append(_bare(bed, model, texts, number))
    note = (
        "the same ONNX file, passages, tokens and threads; the model sorts the texts by length itself; a document has "
        f"up to two passages; median of {len(ours)} pairs' ratios; the engine indexes on the same cores meanwhile, "
        "and the bare model has them to itself"
    )
    baseline = rate("SentenceTransformer.encode", bare)
    peak = Figure("peak", "MB", megabytes(max(peaks)), len(peaks))
    return Result(
        [
            Row("ingest with vectors", rate("souk ingest", ours), baseline, median_ratio(ours, bare), "×", RATE, note),
            Row(
                "ingest with vectors, memory",
                peak,
                None,
                peak.p50,
                "MB",
                MEMORY,
                "highest resident memory seen from outside",
            ),
        ]
    )


def _without_vectors(bed: Bed, settings: Settings) -> Settings:
    """Settings with the exported model but no vectors of an earlier run: both have to compute."""
    cache = bed.folder / "cache"
    cache.mkdir()
    (cache / "models").symlink_to((bed.settings.cache_dir / "models").resolve(), target_is_directory=True)
    return settings.model_copy(update={"cache_dir": cache})


def _slices(bed: Bed) -> list[tuple[Path, list[str]]]:
    """(file of products, their texts), dealt out like cards: neighbours in a catalogue are alike.

    Of documents with one and the same text only the first is dealt: ours computes it once, the model each time.
    """
    files = [bed.folder / f"slice-{number}.jsonl" for number in range(SLICES)]
    texts: list[list[str]] = [[] for _ in files]
    seen: set[str] = set()
    opened = [file.open("wb") for file in files]
    for item in bed.products():
        text = document_text(item.document)
        if text in seen:
            continue
        place = len(seen) % SLICES
        seen.add(text)
        texts[place].append(text)
        record = item.document.model_dump(mode="json", exclude_none=True)
        opened[place].write(orjson.dumps(record) + b"\n")
    for file in opened:
        file.close()
    return list(zip(files, texts, strict=True))


def _bare(bed: Bed, model: BareModel, texts: list[str], number: int) -> float:
    passages = [passage for text in texts for passage in text.split(PASSAGE_BREAK)]
    with bed.track(f"bare model, slice {number + 1}", None):
        return len(texts) / model.encode(passages, BATCH)
