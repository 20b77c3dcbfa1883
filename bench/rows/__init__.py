"""The groups of rows. Each file has `measure(bed) -> Result`; they run in this order.

`recall` changes the searched indexes (one segment), so it comes after all that search them.
"""

from collections.abc import Callable

from bench.bed import Bed
from bench.rows import api, embedding, ingest, ingest_embedding, ltr, memory, recall, search, suggest
from bench.table import Result

GROUPS: dict[str, Callable[[Bed], Result]] = {
    "search": search.measure,
    "suggest": suggest.measure,
    "api": api.measure,
    "memory": memory.measure,
    "embedding": embedding.measure,
    "ltr": ltr.measure,
    "recall": recall.measure,
    "ingest": ingest.measure,
    "ingest-embedding": ingest_embedding.measure,
}
