"""One document for each finished run, so that Dashboards show what ingestion did."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from opensearchpy import OpenSearch

from ingest.summary import Summary
from stack.client import engine_errors
from stack.errors import SoukError
from stack.settings import Settings

log = logging.getLogger("souk.ingest")

RUNS = "ingest_runs"
MOST_SOURCES = 20


def note_run(
    client: OpenSearch, settings: Settings, summary: Summary, sources: Sequence[str], started_at: datetime
) -> None:
    """Write the run to `<prefix>-ingest_runs`. What was ingested is ingested: a note that fails is only logged."""
    counts = summary.snapshot.counts.as_dict()
    counts.pop("reasons", None)
    body = {
        "kind": summary.kind,
        "sources": list(sources)[:MOST_SOURCES],
        "ending": summary.ending,
        "exit_code": summary.exit_code,
        "started_at": started_at.isoformat(),
        "seconds": round(summary.snapshot.seconds, 3),
        "docs_per_s": round(summary.snapshot.rate, 1),
        "counts": counts,
    }
    try:
        with engine_errors():
            # require_alias: were the alias gone, the engine would make an index of its name, without our mapping.
            client.index(index=f"{settings.index_prefix}-{RUNS}", body=body, params={"require_alias": "true"})
    except SoukError as error:
        log.warning("the run was not noted: %s", error)
