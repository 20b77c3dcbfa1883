"""What a million vectors need at each quantisation: files by kind, heap, page cache, time to build, recall.

The vectors are made: unit vectors around random centres. That is fine for sizes, which depend on their number and
dimension alone; recall and time depend on how they lie, so those hold between the rows of one run only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from opensearchpy import OpenSearch
from opensearchpy.exceptions import RequestError

from bench.rows.recall import exact_search
from stack.client import engine_errors, engine_reason

Vectors = NDArray[np.float32]
FIELD = "v"
CHUNK = 500
QUERIES, DEPTH, EF_SEARCH = 200, 100, 200
A_CENTRE_OF, NEAR = 100, 0.8  # vectors around one centre; the length of what is added to it
MERGE_S = 3600


@dataclass(frozen=True)
class Variant:
    """One way to keep vectors: the rest of the `knn_vector` mapping, and the file kinds that a search reads."""

    name: str
    mapping: dict[str, Any]
    searched: frozenset[str]
    note: str = ""


STORED_FIELDS = frozenset({"fdt", "fdx", "fdm"})
GRAPH = frozenset({"vex", "vem"})
FP32, QUANTISED = GRAPH | {"vec", "vemf"}, GRAPH | {"veq", "vemq", "veb", "vemb"}


def _hnsw(m: int, **parameters: Any) -> dict[str, Any]:
    method = {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"}
    return {"method": method | {"parameters": {"m": m, "ef_construction": 200, **parameters}}}


VARIANTS = (
    Variant("lucene fp32, m 16", _hnsw(16), FP32),
    Variant("lucene fp32, m 24", _hnsw(24), FP32, "what mappings/ declare"),
    Variant("lucene encoder sq (7 bits), m 16", _hnsw(16, encoder={"name": "sq"}), QUANTISED),
    Variant("lucene encoder sq (7 bits), m 24", _hnsw(24, encoder={"name": "sq"}), QUANTISED),
    Variant(
        "lucene compression_level 4x",
        {"mode": "on_disk", "compression_level": "4x", "method": {"name": "hnsw", "engine": "lucene"}},
        QUANTISED,
    ),
)


@dataclass(frozen=True)
class Size:
    """What one variant took. Sizes in bytes, of one merged segment; `refused` says why there is nothing to measure.

    `files` is without stored fields: what lies there is the copy that the engine keeps for a while for replicas.
    """

    variant: Variant
    documents: int = 0
    files: dict[str, int] = field(default_factory=dict)
    heap: int = 0
    build_s: float = 0.0
    recall: float = float("nan")
    search_ms: float = float("nan")
    refused: str = ""

    @property
    def store(self) -> int:
        """Bytes of all files."""
        return sum(self.files.values())

    @property
    def cache(self) -> int:
        """Bytes of the files that a search reads; they should lie in the page cache."""
        return sum(size for kind, size in self.files.items() if kind in self.variant.searched)


def clustered(count: int, dimension: int, seed: int) -> Vectors:
    """`count` unit vectors, each near one of `count / 100` centres."""
    random = np.random.default_rng(seed)
    centres = _unit(random.standard_normal((max(1, count // A_CENTRE_OF), dimension), dtype=np.float32))
    noise = _unit(random.standard_normal((count, dimension), dtype=np.float32))
    return _unit(centres[random.integers(0, len(centres), count)] + NEAR * noise)


def near(vectors: Vectors, count: int, seed: int) -> Vectors:
    """Queries: some of the vectors, moved a little."""
    random = np.random.default_rng(seed)
    chosen = vectors[random.choice(len(vectors), min(count, len(vectors)), replace=False)]
    return _unit(chosen + NEAR / 2 * _unit(random.standard_normal(chosen.shape, dtype=np.float32)))


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def measure(
    client: OpenSearch,
    index: str,
    variant: Variant,
    vectors: Vectors,
    heap: Callable[[], int],
    tick: Callable[[], None],
) -> Size:
    """Build an index of vectors alone, merge it to one segment, look at it, ask it, delete it. Raises EngineError."""
    with engine_errors():
        client.indices.delete(index=index, ignore=404)
        before = heap()
        try:
            started = time.perf_counter()
            _build(client, index, variant, vectors, tick)
            build_s = time.perf_counter() - started
            stats = client.indices.stats(index=index, metric="segments", params={"include_segment_file_sizes": "true"})[
                "_all"
            ]["primaries"]
            recall, milliseconds = _recall(client, index, vectors)
            sizes = stats["segments"]["file_sizes"]
            files = {kind: told["size_in_bytes"] for kind, told in sizes.items() if kind not in STORED_FIELDS}
            return Size(
                variant,
                len(vectors),
                files,
                heap() - before,
                build_s,
                recall,
                milliseconds,
            )
        except RequestError as error:
            return Size(variant, refused=": ".join(filter(None, engine_reason(error.info))))
        finally:
            client.indices.delete(index=index, ignore=404)


def _build(client: OpenSearch, index: str, variant: Variant, vectors: Vectors, tick: Callable[[], None]) -> None:
    settings = {
        "knn": True,
        "knn.derived_source.enabled": False,
        "number_of_shards": 1,
        "number_of_replicas": 0,
        "refresh_interval": -1,
    }
    field_ = {"type": "knn_vector", "dimension": int(vectors.shape[1]), **variant.mapping}
    mappings = {"_source": {"enabled": False}, "dynamic": False, "properties": {FIELD: field_}}
    client.indices.create(index=index, body={"settings": {"index": settings}, "mappings": mappings})
    for body in _bulks(vectors):
        answer = client.bulk(body=body, index=index, params={"filter_path": "errors,items.*.error"})
        if answer["errors"]:
            error = next(item["index"]["error"] for item in answer["items"] if item)
            raise RequestError(400, error["type"], {"error": error})
        tick()
    client.indices.flush(index=index)
    client.indices.forcemerge(index=index, params={"max_num_segments": 1, "request_timeout": MERGE_S})
    client.indices.refresh(index=index)


def _bulks(vectors: Vectors) -> Iterator[bytes]:
    for start in range(0, len(vectors), CHUNK):
        lines: list[bytes] = []
        for place, vector in enumerate(vectors[start : start + CHUNK], start):
            lines.append(orjson.dumps({"index": {"_id": str(place)}}))
            lines.append(orjson.dumps({FIELD: vector}, option=orjson.OPT_SERIALIZE_NUMPY))
        yield b"\n".join(lines) + b"\n"


def _recall(client: OpenSearch, index: str, vectors: Vectors) -> tuple[float, float]:
    """(mean recall@100 against exact search, median milliseconds of a query) over a sample of queries."""
    queries = near(vectors, QUERIES, seed=2)
    exact = exact_search(queries, vectors, [str(place) for place in range(len(vectors))], DEPTH)
    shares, times = [], []
    for place, query in enumerate(queries):
        knn = {"vector": query.tolist(), "k": DEPTH, "method_parameters": {"ef_search": EF_SEARCH}}
        body = {"size": DEPTH, "query": {"knn": {FIELD: knn}}, "_source": False}
        started = time.perf_counter()
        answer = client.search(index=index, body=body)
        times.append(time.perf_counter() - started)
        shares.append(exact.recall(place, [hit["_id"] for hit in answer["hits"]["hits"]]))
    return float(np.mean(shares)), float(np.median(times)) * 1000
