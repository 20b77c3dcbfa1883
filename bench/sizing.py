"""`python -m bench.sizing`: memory and disk for a million vectors at each quantisation, and for so many products.

On the engine of the settings, or one started for it. Sizes are measured at `--documents` and multiplied up to a
million; rows that this engine cannot hold (faiss) are the formula of the documentation, and say so.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer
from opensearchpy import OpenSearch
from rich.console import Console
from rich.progress import Progress

from bench import product_size, vector_size
from bench.heap import collects, used_heap
from bench.machine import describe_line
from bench.table import markdown_table, number
from bench.vector_size import VARIANTS, Size, clustered
from stack import node
from stack.client import connect, engine_url
from stack.embedding.encoder import read_card
from stack.errors import SoukError
from stack.node.state import NodeState, load_nodes, process_of
from stack.settings import load_settings

INDEX = "bench-sizing"
MILLION = 1_000_000
# k-NN documentation, "Memory estimation": 1.1 × (bytes of a vector + 8 × m) × vectors.
OVERHEAD, LINK_BYTES = 1.1, 8
FAISS = (("faiss fp32", 32), ("faiss fp16 (encoder sq)", 16), ("faiss 8x (on_disk)", 4), ("faiss 32x (on_disk)", 1))
HEADER = (
    "vectors",
    "store",
    "by file kind",
    "read by searches (page cache)",
    "heap",
    "time to build",
    "recall@100",
    "query p50",
)


def bench(
    documents: Annotated[int, typer.Option(min=1000, help="Vectors, or products, that are written.")] = 100_000,
    dimension: Annotated[int | None, typer.Option(help="Of the vectors [default: that of the model].")] = None,
    products: Annotated[bool, typer.Option("--products", help="Whole products in place of bare vectors.")] = False,
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="With --products: made vectors, none is computed from a text.")
    ] = False,
) -> None:
    """Write many vectors in each form that this engine knows, or many products, and print what they need."""
    settings = load_settings()
    say = Console(stderr=True)
    starts = settings.opensearch_url is None and node.read_state(settings) is None
    if starts:
        node.start(settings, say=lambda text: say.print(text, highlight=False))
    try:
        ours = [] if settings.opensearch_url else [state for state in load_nodes(settings) if process_of(state)]
        named = settings.model_copy(update={"opensearch_url": engine_url(settings)})
        with connect(named) as client, Progress(console=say, transient=True) as progress:
            if products:
                text = product_size.measure(client, named, ours, documents, synthetic, progress)
            else:
                card = read_card(settings)
                text = _vectors(client, ours, documents, dimension or card.dimension, progress)
            print(f"{describe_line(client)}\n\n{text}")
    finally:
        if starts:
            node.stop(settings, lambda text: say.print(text, highlight=False))


def _vectors(client: OpenSearch, ours: Sequence[NodeState], documents: int, dimension: int, progress: Progress) -> str:
    vectors = clustered(documents, dimension, seed=1)
    sizes: list[Size] = []
    heap_now = partial(used_heap, client, ours)
    for variant in VARIANTS:
        task = progress.add_task(variant.name, total=-(-documents // vector_size.CHUNK))
        tick = partial(progress.advance, task)
        sizes.append(vector_size.measure(client, INDEX, variant, vectors, heap_now, tick))
        progress.remove_task(task)
    collected = collects(ours)
    heap = "growth after a full collection" if collected else "not known of an engine that is not ours"
    notes = [f"- {size.variant.name}: {size.refused or size.variant.note}" for size in sizes if _noted(size)]
    return "\n".join(
        [
            f"For a million vectors of {dimension} dimensions, measured on {documents:,} made ones (unit vectors "
            f"around random centres), one shard, one segment, no replica; heap: {heap}. Recall and times hold "
            "between rows only. faiss: not measured, 1.1 × (bytes of a vector + 8 × m) in native memory.",
            "",
            markdown_table(HEADER, [*_measured(sizes, collected), *_formulas(dimension)]),
            *(["", *notes] if notes else []),
        ]
    )


def _noted(size: Size) -> bool:
    return bool(size.refused or size.variant.note)


def _measured(sizes: Sequence[Size], collected: bool) -> list[list[str]]:
    first = next((size.build_s for size in sizes if not size.refused), float("nan"))
    return [_row(size, first, collected) for size in sizes]


def _row(size: Size, first_build_s: float, collected: bool) -> list[str]:
    if size.refused:
        return [size.variant.name, "refused", *["–"] * (len(HEADER) - 2)]
    times = MILLION / size.documents
    kinds = sorted(size.files.items(), key=lambda item: -item[1])
    return [
        size.variant.name,
        megabytes(size.store * times),
        ", ".join(f"{kind} {number(bytes_ * times / 1e6)}" for kind, bytes_ in kinds if bytes_ > 0.005 * size.store),
        megabytes(size.cache * times),
        megabytes(size.heap * times) if collected else "–",
        f"{size.build_s / first_build_s:.2f}×",
        f"{size.recall:.4f}",
        f"{number(size.search_ms)} ms",
    ]


def _formulas(dimension: int) -> list[list[str]]:
    """The documentation's estimate of native memory; m 16, as its default."""
    rows = []
    for name, bits in FAISS:
        needed = OVERHEAD * (dimension * bits / 8 + LINK_BYTES * 16) * MILLION
        rows.append([f"{name}, m 16: formula", "–", "–", f"{megabytes(needed)} native memory", *["–"] * 4])
    return rows


def megabytes(bytes_: float) -> str:
    """Bytes in units of 10^6."""
    return f"{number(bytes_ / 1e6)} MB"


def main() -> None:
    """Run; an error a user can mend is one line with its remedy and exit code 2."""
    try:
        typer.run(bench)
    except SoukError as error:
        sys.stderr.write(f"bench.sizing: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
