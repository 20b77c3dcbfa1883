"""Progress on standard error: a bar on a terminal, JSON lines elsewhere. Two siblings of one shape."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Protocol

import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Table
from rich.text import Text

from ingest.summary import Snapshot, Summary

LOGGED_EVERY_S = 5.0
DRAWN_EVERY_S = 0.2


class Reporter(Protocol):
    """Tells what a run does. `every_s` is how often `tick` wants to be called."""

    every_s: float

    def tick(self, snapshot: Snapshot) -> None:
        """Show how far the run is."""

    def say(self, text: str) -> None:
        """A remark: a note or a warning."""

    def close(self, summary: Summary | None) -> None:
        """The end: the summary, or None when the run failed."""


def choose(log: str, kind: str, stream: IO[str] | None = None) -> Reporter:
    """`json`, or `auto`: a bar where `stream` (standard error) is a terminal, JSON lines elsewhere."""
    stream = stream or sys.stderr
    return JsonLines(kind, stream) if log == "json" or not stream.isatty() else Bar(kind, Console(file=stream))


@contextmanager
def watching(reporter: Reporter, snapshot: Callable[[], Snapshot]) -> Iterator[None]:
    """Call `reporter.tick` now and then, from a thread of its own: reading and writing know nothing of it."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(reporter.every_s):
            reporter.tick(snapshot())

    thread = threading.Thread(target=watch, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class JsonLines:
    """One object a line: `{"event": "progress", …}` every few seconds, `{"event": "summary", …}` at the end."""

    every_s = LOGGED_EVERY_S

    def __init__(self, kind: str, stream: IO[str]) -> None:
        self._kind = kind
        self._stream = stream

    def tick(self, snapshot: Snapshot) -> None:
        self._write({"event": "progress", "kind": self._kind} | snapshot.as_dict())

    def say(self, text: str) -> None:
        self._write({"event": "note", "kind": self._kind, "message": text})

    def close(self, summary: Summary | None) -> None:
        if summary is not None:
            self._write(summary.as_dict())

    def _write(self, event: dict[str, object]) -> None:
        self._stream.write(orjson.dumps(event).decode() + "\n")
        self._stream.flush()


class _Left(ProgressColumn):
    def render(self, task: Task) -> Text:
        left = task.fields["left"]
        return Text(f"{_clock(left)} left" if left is not None else "", style="cyan")


class Bar:
    """A bar by bytes of the files, with rate, refusals and time left; a table at the end."""

    every_s = DRAWN_EVERY_S

    def __init__(self, kind: str, console: Console) -> None:
        self._console = console
        columns = (
            "[bold]{task.description}",
            "{task.fields[read]:,}",
            "{task.fields[rate]:,.0f}/s",
            "{task.fields[refused]}",
        )
        first, *rest = (TextColumn(column) for column in columns)
        self._progress = Progress(first, BarColumn(), *rest, _Left(), console=console, transient=True)
        self._task = self._progress.add_task(f"{kind}s", total=None, read=0, rate=0.0, refused="", left=None)
        self._progress.start()

    def tick(self, snapshot: Snapshot) -> None:
        counts = snapshot.counts
        refused = f"[red]{counts.refused:,} refused" if counts.refused else ""
        self._progress.update(
            self._task,
            total=snapshot.bytes_total,
            completed=snapshot.bytes_done,
            read=counts.read,
            rate=snapshot.rate,
            refused=refused,
            left=snapshot.seconds_left,
        )

    def say(self, text: str) -> None:
        self._console.print(f"[yellow]{escape(text)}")

    def close(self, summary: Summary | None) -> None:
        self._progress.stop()
        if summary is not None:
            self._console.print(table_of(summary))
            if summary.dead_letters is not None:
                self._console.print(f"Refused records: [bold]{escape(str(summary.dead_letters))}")


def table_of(summary: Summary) -> Table:
    """The summary for people."""
    counts, table = summary.snapshot.counts, Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", justify="right")
    table.add_column()
    rows = [("read", counts.read)]
    if summary.valid is not None:
        rows.append(("valid", summary.valid))
    else:
        rows += [
            ("written", counts.written),
            ("deleted", counts.deleted),
            ("unchanged", counts.unchanged),
            ("older than the index", counts.stale),
        ]
        rows.append(("replaced by a newer record of the same id", counts.superseded))
    rows.append(("refused", counts.refused))
    for name, number in rows:
        if number or name in ("read", "written", "refused"):
            table.add_row(f"{number:,}", name)
    for reason, number in counts.reasons.most_common(20):
        table.add_row(f"[red]{number:,}", f"  {escape(reason)}")
    if counts.vectors_computed or counts.vectors_cached:
        table.add_row(f"{counts.vectors_computed:,}", f"vectors computed, {counts.vectors_cached:,} from the cache")
    table.add_row(f"{summary.snapshot.seconds:,.1f}", f"seconds, {summary.snapshot.rate:,.0f} records a second")
    return table


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
