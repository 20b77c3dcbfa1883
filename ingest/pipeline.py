"""The road of a record: read → validate and normalise → compare → enrich → write → enter in the ledger.

`reading.py`, `validate.py` and `normalise/` run in the caller's thread and make batches; `compare.py`, `enrich.py` and
`write.py` each have threads of their own behind bounded queues (`flow.py`), so that reading, embedding and indexing
overlap and memory does not grow with the input; `ledger.py` enters finished batches in the order of the source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Literal

from opensearchpy import OpenSearch

from ingest.compare import Comparer, InFlight
from ingest.enrich import Enricher
from ingest.flow import Flow, Stage
from ingest.ledger import Ledger
from ingest.patience import Patience
from ingest.reading import Reading
from ingest.record import Batch
from ingest.tombstones import Tombstones
from ingest.update.merge import Merger
from ingest.update.vectors import LazyEnricher
from ingest.write import Writer
from stack.client import engine_errors
from stack.documents import DocumentKind

Ending = Literal["finished", "interrupted"]


@dataclass(frozen=True)
class Target:
    """Where documents go. `run` names the sources and options of the run, None for standard input.

    `signals` is their alias, None where there is no such index; `update`: the records are partial.
    """

    client: OpenSearch
    alias: str
    run: str | None
    workers: int = 2
    retry_for_s: float = 120.0
    kind: DocumentKind = "product"
    signals: str | None = None
    update: bool = False


Enriching = Enricher | LazyEnricher
OnRead = Callable[[Batch], None]


def ingest(
    reading: Reading,
    target: Target,
    enricher: Enriching | None,
    ledger: Ledger,
    halt: Event,
    on_read: OnRead | None = None,
) -> Ending:
    """Carry all records of `reading` after the ledger's mark to `target`; `on_read` sees each batch before.

    Raises InputError for a source that cannot be read, EngineError (of which EngineUnavailableError) when the engine
    fails for good; the ledger then holds what is done. An interrupt (Ctrl-C) lets what is being written finish.
    """
    in_flight = InFlight(halt)

    def committed(batch: Batch) -> None:
        in_flight.release(batch.ids)
        ledger.commit(batch)

    ending = _drive(reading, Flow(stages(target, enricher, in_flight, halt), committed, halt), ledger, halt, on_read)
    with engine_errors():
        aliases = [target.alias, target.signals] if target.signals else [target.alias]
        for attempt in Patience(target.retry_for_s, halt).attempts():
            with attempt:
                target.client.indices.refresh(index=aliases)  # so that the next search sees it
    return ending


def stages(target: Target, enricher: Enriching | None, in_flight: InFlight, halt: Event) -> list[Stage]:
    """The stages behind reading, in their order. Comparing comes first: what is unchanged needs no vector.

    One thread compares, so that two records of one id are judged in the order of the source.
    """
    patience = Patience(target.retry_for_s, halt)
    vector_hash = enricher.vector_hash if enricher else None
    client, alias, signals = target.client, target.alias, target.signals
    compare: Comparer | Merger
    if target.update:
        compare = Merger(client, alias, signals, target.kind, patience, in_flight, target.run, vector_hash)
    else:
        tombstones = Tombstones(client, signals, target.kind, patience)
        compare = Comparer(client, alias, patience, in_flight, target.run, vector_hash, tombstones)
    write = Writer(client, alias, patience, kind=target.kind, signals=signals)
    return [
        Stage("compare", compare),
        *([Stage("enrich", enricher)] if enricher else []),
        Stage("write", write, target.workers),
    ]


def rehearse(reading: Reading, ledger: Ledger, show: Callable[[Batch], None], on_read: OnRead | None = None) -> Ending:
    """`--dry-run`: read, validate and normalise only. `show` sees each batch before it is counted."""

    def shown(batch: Batch) -> None:
        show(batch)
        ledger.commit(batch)

    halt = Event()
    return _drive(reading, Flow([], shown, halt), ledger, halt, on_read)


def _drive(reading: Reading, flow: Flow, ledger: Ledger, halt: Event, on_read: OnRead | None) -> Ending:
    ending: Ending = "finished"
    flow.start()
    try:
        for batch in reading.batches(ledger.position, ledger.resumed):
            if on_read:
                on_read(batch)
            flow.put(batch)
        flow.finish()
    except KeyboardInterrupt:
        ending = "interrupted"
        halt.set()
    finally:
        flow.finish()
        ledger.save()
    if ending == "finished":
        flow.check()
        ledger.finish()
    return ending
