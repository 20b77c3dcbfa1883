"""The bare engine's writing rate: `helpers.parallel_bulk` of ready documents, in a process of its own.

    python -m bench.bare_bulk FILE INDEX THREADS CHUNK   (FILE: JSON Lines of bulk actions)

Logs `{"docs": …, "seconds": …}` to standard error. The file is read into memory before the clock starts; the clock
stops when the documents can be searched, as that of `souk ingest` does.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import orjson
from opensearchpy import helpers

from stack.client import connect
from stack.settings import load_settings


def main(file: str, index: str, threads: str, chunk: str) -> None:
    """Write all documents. An error of any document ends it: a rate of refused documents would be none."""
    with Path(file).open("rb") as lines:
        actions = [orjson.loads(line) for line in lines]
    with connect(load_settings()) as client:
        started = time.perf_counter()
        bulk = helpers.parallel_bulk(
            client, actions, thread_count=int(threads), chunk_size=int(chunk), queue_size=int(threads), index=index
        )
        done = sum(ok for ok, _ in bulk)
        client.indices.refresh(index=index)
        seconds = time.perf_counter() - started
    sys.stderr.write(orjson.dumps({"docs": done, "seconds": seconds}).decode() + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
