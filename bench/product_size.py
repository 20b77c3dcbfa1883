"""So many whole products: what they need on disk and in memory, and a search in them against a bare match."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch, helpers
from rich.progress import Progress

from api.bootstrap import build_searcher
from api.model import SearchRequest
from bench.bed import Bed
from bench.catalogue import SOUK, Catalogue, Source
from bench.heap import collects, used_heap
from bench.rows.search import BASELINE, SIZE, bare_body, uncached
from bench.table import markdown_table, number
from bench.timing import Samples, interleave, seconds_of_async
from bench.vector_size import clustered
from ingest.enrich import vector_hash
from stack.client import engine_errors
from stack.embedding.encoder import read_card
from stack.embedding.sketch import sketch
from stack.embedding.stored import VECTOR_FIELD
from stack.errors import SoukError
from stack.node.state import NodeState
from stack.settings import ROOT, Settings

SEED, QUERIES, WARM_UP, ROUNDS = 7, 100, 50, 3
BULK = 500
MERGE_S = 3600
# Until then merging keeps the full source of each document, vectors too, for replicas that might want it: leases on the
# history are brought up to date every 30 s.
LEASES_S = 40


def measure(
    client: OpenSearch,
    settings: Settings,
    ours: Sequence[NodeState],
    documents: int,
    synthetic: bool,
    progress: Progress,
) -> str:
    """Generate, write, weigh, search; a Markdown table. The bench's indexes are gone afterwards. Raises SoukError."""
    with tempfile.TemporaryDirectory(prefix="souk-sizing-") as name:
        folder = Path(name)
        file = generate(folder, documents)
        catalogue = Catalogue("generated market", (Source("product", (file,)),))
        bed = Bed(settings, client, catalogue, progress, folder, docs=None, rounds=ROUNDS)
        try:
            with engine_errors():
                before = used_heap(client, ours)
                seconds = fill(bed, synthetic)
                size = _size(bed)
                heap = used_heap(client, ours) - before
            ours_, bare = asyncio.run(_search(bed))
        finally:
            bed.clean()
    return _table(documents, synthetic, seconds, size, heap, collects(ours), ours_, bare)


def generate(folder: Path, documents: int) -> Path:
    """The products of a generated market; its other files are as small as they may be."""
    target = folder / "market"
    command = [*SOUK, "market", "generate", "--out", str(target), "--seed", str(SEED), "--products", str(documents)]
    done = subprocess.run(
        [*command, "--videos", "0", "--lives", "0"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SoukError(f"no market could be generated: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    return target / "products.jsonl"


def fill(bed: Bed, synthetic: bool) -> float:
    """Write the products, with computed or with made vectors. Seconds until all can be searched."""
    bed.fresh_indexes(bed.settings)
    started = time.perf_counter()
    if synthetic:
        actions = helpers.parallel_bulk(bed.client, _with_made_vectors(bed), thread_count=2, chunk_size=BULK)
        for ok, told in actions:
            if not ok:
                raise SoukError(f"the engine refused a product: {told}")
        bed.client.indices.refresh(index=bed.settings.alias("product"))
    else:
        bed.ingest(bed.catalogue.products.arguments(), bed.settings, "products")
    seconds = time.perf_counter() - started
    bed.settle()
    return seconds


def _with_made_vectors(bed: Bed) -> Iterator[dict[str, Any]]:
    card, items, seed = read_card(bed.settings), bed.products(), 0
    while batch := list(islice(items, 10_000)):
        seed += 1
        for item, vector in zip(batch, clustered(len(batch), card.dimension, seed), strict=True):
            made = {VECTOR_FIELD: vector.tolist(), "text_sketch": sketch(vector), "title_sketch": sketch(vector)}
            source = item.body | made | {"vector_hash": vector_hash(card)}
            yield {"_index": bed.settings.alias("product"), "_id": item.document.id, "_source": source}


def _size(bed: Bed) -> dict[str, int]:
    """Bytes by file kind, and under `store` all of them; of the primaries, in one segment."""
    index = bed.settings.alias("product")
    bed.client.indices.flush(index=index)
    time.sleep(LEASES_S)
    bed.client.indices.forcemerge(index=index, params={"max_num_segments": 1, "request_timeout": MERGE_S})
    bed.client.indices.refresh(index=index)  # lets go of the segments that were merged
    told = bed.client.indices.stats(
        index=index, metric="store,segments", params={"include_segment_file_sizes": "true"}
    )["_all"]["primaries"]
    kinds = {kind: size["size_in_bytes"] for kind, size in told["segments"]["file_sizes"].items()}
    return kinds | {"store": told["store"]["size_in_bytes"]}


async def _search(bed: Bed) -> tuple[Samples, Samples]:
    """(the whole search, one bare `multi_match`), call by call; products only, every vector of a query computed."""
    queries = bed.queries(QUERIES)
    async with build_searcher(uncached(bed.settings)) as searcher:
        index = bed.settings.alias("product")

        async def ours(query: str) -> float:
            request = SearchRequest(q=query, mode="portable", size=SIZE, types=["product"])
            return await seconds_of_async(searcher.search(request))

        async def bare(query: str) -> float:
            return await seconds_of_async(searcher.client.search(index=index, body=bare_body(searcher, query)))

        async def forget() -> None:
            await searcher.client.indices.clear_cache(index=index, params={"request": "true"})

        with bed.ticking("search", len(queries) * ROUNDS) as tick:
            samples = await interleave(
                {"ours": ours, "bare": bare}, queries, rounds=ROUNDS, warm_up=WARM_UP, before_round=forget, tick=tick
            )
    return samples["ours"], samples["bare"]


def _table(
    documents: int,
    synthetic: bool,
    seconds: float,
    size: dict[str, int],
    heap: int,
    collected: bool,
    ours: Samples,
    bare: Samples,
) -> str:
    kinds = sorted(((kind, bytes_) for kind, bytes_ in size.items() if kind != "store"), key=lambda item: -item[1])
    shown = ", ".join(f"{kind} {number(bytes_ / 1e6)}" for kind, bytes_ in kinds[:8])
    rows = [
        [
            "store, one segment",
            f"{number(size['store'] / 1e6)} MB, {number(size['store'] / documents)} bytes a product",
        ],
        ["by file kind, MB", shown],
        ["heap, growth", f"{number(heap / 1e6)} MB" + ("" if collected else " (without a collection: holds garbage)")],
        [
            "written with " + ("made" if synthetic else "computed") + " vectors",
            f"{number(documents / seconds)} a second",
        ],
        *(
            [
                f"search {name}",
                f"{number(mine * 1000)} ms against {number(its * 1000)} ms of {BASELINE}: {number(mine / its)}×",
            ]
            for name, mine, its in (("p50", ours.p50, bare.p50), ("p99", ours.p99, bare.p99))
        ),
    ]
    return markdown_table((f"{documents:,} products", "measured"), rows)
