"""`python -m bench.cluster`: break one node of three under searches and writes, and print what a shopper lost by it.

A cluster of its own in a folder of its own; `souk serve` and `souk ingest` run on it as they would anywhere. Times are
of a machine on which everything shares the cores: they say how long an outage lasts, not how fast the engine is.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from opensearchpy import OpenSearch

from bench.catalogue import SOUK
from bench.faults import FAULTS, Disk, befallen, check_known
from bench.load import Asked, SearchLoad, WriteLoad
from bench.processes import serving
from bench.table import markdown_table, number
from bench.timing import percentile
from stack import node
from stack.apply import apply, plan
from stack.capabilities import read_capabilities
from stack.client import connect, engine_errors
from stack.embedding.encoder import read_card
from stack.errors import EngineError, SoukError
from stack.node.launch import free_port
from stack.settings import Settings, load_settings

NODES, SHARDS, REPLICAS = 3, 3, 1  # as many shards as nodes: each holds a part of what is searched
SMALL_DISK_NODE = 3
CALM_S = 8
BACK_S = 240
HEADER = (
    "what happened",
    "searches",
    "p50 / p99 / longest",
    "retried",
    "failed",
    "with less",
    "disturbed for",
    "products acknowledged",
    "lost",
    "ingest runs refused",
    "green after",
)


@dataclass(frozen=True)
class Outcome:
    """What one fault did. `disturbed_s`: from its start to the last search that needed a retry or gave less."""

    what: str
    asked: tuple[Asked, ...]
    disturbed_s: float
    acknowledged: int
    lost: int
    refusals: tuple[str, ...]
    green_after_s: float

    def cells(self) -> list[str]:
        took = [each.took_s for each in self.asked]
        times = " / ".join(f"{number(seconds * 1000)}" for seconds in (*_percentiles(took), max(took)))
        return [
            self.what,
            f"{len(self.asked):,}",
            f"{times} ms",
            str(sum(each.good and each.tries > 1 for each in self.asked)),
            str(sum(not each.good for each in self.asked)),
            str(sum(each.good and each.degraded for each in self.asked)),
            f"{self.disturbed_s:.0f} s",
            f"{self.acknowledged:,}",
            str(self.lost),
            str(len(self.refusals)),
            f"{self.green_after_s:.0f} s",
        ]


def _percentiles(values: list[float]) -> tuple[float, float]:
    return percentile(values, 50), percentile(values, 99)


def bench(
    only: Annotated[str, typer.Option(metavar="NAME,NAME", help=f"Of {', '.join(FAULTS)}.")] = ",".join(FAULTS),
    documents: Annotated[int, typer.Option(min=10, help="Products that are written again and again.")] = 500,
    heap: Annotated[str, typer.Option(help="JVM heap of each node.")] = "512m",
    rate: Annotated[float, typer.Option(min=0.5, help="Searches a second.")] = 3.0,
) -> None:
    """Kill, stop and fill up nodes of a three-node cluster under load; count failed searches and lost documents."""
    names = [name.strip() for name in only.split(",") if name.strip()]
    check_known(names)
    with _cluster(heap) as (settings, client, disk), tempfile.TemporaryDirectory(prefix="souk-load-") as folder:
        writes = WriteLoad(settings, Path(folder), documents, retry_for_s=90)
        if not writes.run_once():
            raise SoukError(f"the cluster could not be filled: {writes.refusals[-1]}")
        _wait_green(client)
        with serving([*SOUK, "serve", "--port", str(free_port())], settings) as server:
            url = f"http://{server.host}:{server.port}"
            outcomes = [_one(name, url, settings, client, disk, Path(folder), documents, rate) for name in names]
        print(markdown_table(HEADER, [outcome.cells() for outcome in outcomes]))
        print(
            f"\n{NODES} nodes, heap {heap} each, {REPLICAS} replica, {SHARDS} shards; {rate:g} searches a second, each "
            f"tried at most twice, with a deadline of {settings.deadline_ms} ms; the small disk of node {disk.number}: "
            f"{disk.kind}."
        )
        for outcome in outcomes:
            _print_words(outcome)


def _one(
    name: str, url: str, settings: Settings, client: OpenSearch, disk: Disk, folder: Path, documents: int, rate: float
) -> Outcome:
    fault = FAULTS[name]
    _say(f"{fault.name} for {fault.seconds:g} s, then {fault.undo_note}")
    searches = SearchLoad(url, settings.deadline_ms / 1000, rate)
    writes = WriteLoad(settings, folder, documents, retry_for_s=90, rounds=_rounds(client, settings))
    with writes, searches:
        time.sleep(CALM_S)
        began = time.monotonic()
        with befallen(name, settings, client, disk, _say):
            time.sleep(fault.seconds)
        ended = time.monotonic()
        _wait_green(client)
        green = time.monotonic() - ended
        _wait_for_a_write(writes)
        time.sleep(CALM_S)
    disturbed = [each.at + each.took_s - began for each in searches.asked if each.tries > 1 or each.degraded]
    return Outcome(
        fault.name,
        tuple(searches.asked),
        max([0.0, *disturbed]),
        writes.written,
        writes.lost(client),
        tuple(writes.refusals),
        green,
    )


def _rounds(client: OpenSearch, settings: Settings) -> int:
    """The highest round so far: a price that was written before is not written again."""
    body = {"size": 0, "aggs": {"round": {"max": {"field": "price"}}}}
    with engine_errors():
        answer = client.search(index=settings.alias("product"), body=body)
    return int(answer["aggregations"]["round"]["value"] or 0)


def _wait_for_a_write(writes: WriteLoad) -> None:
    """Until one more run ends well: writes are back too."""
    before, until = writes.acknowledged, time.monotonic() + BACK_S
    while writes.acknowledged == before:
        if time.monotonic() > until:
            raise SoukError(f"writes did not come back within {BACK_S} s: {writes.refusals[-1:]}")
        time.sleep(0.5)


def _wait_green(client: OpenSearch) -> None:
    until = time.monotonic() + BACK_S
    while time.monotonic() < until:
        try:
            with engine_errors():
                health = client.cluster.health(params={"request_timeout": 5})
        except EngineError:
            health = {}
        if health.get("status") == "green" and health.get("number_of_nodes") == NODES:
            return
        time.sleep(0.5)
    raise SoukError(f"the cluster is not green after {BACK_S} s: {health}")


@contextmanager
def _cluster(heap: str) -> Iterator[tuple[Settings, OpenSearch, Disk]]:
    """Three nodes in a folder of their own, the third with a small disk, with empty indexes; gone after the block."""
    folder = Path(tempfile.mkdtemp(prefix="souk-cluster-"))
    folder.chmod(0o755)  # under root the engine runs as another user
    settings = load_settings().model_copy(
        update={
            "opensearch_url": None,
            "engine_port": free_port(),
            "engine_heap": heap,
            "nodes": NODES,
            "state_dir": folder / "state",
            "index_prefix": "bench-cluster",
            "shards": SHARDS,
            "replicas": REPLICAS,
        }
    )
    disk = Disk(folder / "state" / f"engine-{SMALL_DISK_NODE}" / "data", SMALL_DISK_NODE)
    disk.mount()
    try:
        node.start(settings, nodes=NODES, say=_say)
        with connect(settings) as client:
            disk.set_marks(client)
            apply(client, plan(client, settings, read_card(settings), read_capabilities(client)))
            yield settings, client, disk
    finally:
        node.stop(settings, _say)
        disk.unmount()
        shutil.rmtree(folder, ignore_errors=True)


def _print_words(outcome: Outcome) -> None:
    whys: dict[str, int] = {}
    for each in outcome.asked:
        if each.why:
            whys[each.why] = whys.get(each.why, 0) + 1
    for why, times in sorted(whys.items(), key=lambda item: -item[1])[:4]:
        print(f"- {outcome.what}: a search said {times}×: {why}")
    for refusal in dict.fromkeys(outcome.refusals):
        print(f"- {outcome.what}: `souk ingest` said: {refusal}")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> None:
    """Run; an error a user can mend is one line with its remedy and exit code 2."""
    try:
        typer.run(bench)
    except SoukError as error:
        sys.stderr.write(f"bench.cluster: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
