"""Opening a source: a file or standard input, gzip or plain (told by the first bytes, not by the name)."""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from stack.errors import InputError, Mistake

STDIN = "-"
GZIP_MAGIC = b"\x1f\x8b"
BUFFER = 1 << 20
HEAD = 1 << 16  # decompressed bytes looked at to tell the format


class CountingReader(io.RawIOBase):
    """Counts the bytes taken from a raw stream: progress by bytes also holds for compressed files."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        # read1 (BufferedReader) answers with what is there, so that a pipe's records flow as they come.
        data = cast(Any, self._raw).read1(len(buffer))
        buffer[: len(data)] = data
        self.count += len(data)
        return len(data)

    def close(self) -> None:
        if self._raw is not sys.stdin.buffer:
            self._raw.close()
        super().close()


class Replay(io.RawIOBase):
    """A stream with its first bytes, which were looked at already, put back before it."""

    def __init__(self, head: bytes, rest: io.BufferedIOBase) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._head:
            return self._rest.readinto1(buffer)
        taken = self._head[: len(buffer)]
        buffer[: len(taken)] = taken
        self._head = self._head[len(taken) :]
        return len(taken)

    def close(self) -> None:
        self._rest.close()
        super().close()


class SourceStream(io.BufferedReader):
    """Decompressed bytes of a source. `path` is set for a plain file, for readers that must seek in it."""

    path: Path | None = None


@dataclass(frozen=True)
class Source:
    """A file or standard input. `modified` stands in for a missing `updated_at` (standard input: now)."""

    name: str
    path: Path | None
    size: int | None  # None for a pipe
    modified: datetime

    @property
    def identity(self) -> str | None:
        """Changes when the file does; None for standard input and pipes, which cannot be read again."""
        if self.path is None or self.size is None:
            return None
        return f"{self.path}|{self.size}|{self.modified.timestamp()}"


@dataclass
class OpenSource:
    """An open source. `stream` gives decompressed bytes; `head` is a look ahead: its first line, or 64 KiB of it."""

    source: Source
    counter: CountingReader
    stream: SourceStream
    head: bytes

    @property
    def bytes_read(self) -> int:
        """Bytes of the file read so far, compressed ones where it is compressed."""
        return self.counter.count

    def close(self) -> None:
        """Close the stream and the file below it."""
        self.stream.close()
        self.counter.close()


def find_sources(names: list[str], now: datetime) -> list[Source]:
    """Check that each source is there. Raises InputError that names every one that is not."""
    mistakes: list[Mistake] = []
    sources: list[Source] = []
    for name in names:
        if name == STDIN:
            sources.append(Source("standard input", None, None, now))
            continue
        path = Path(name)
        if not path.exists():
            mistakes.append(Mistake(name, "no such file"))
        elif path.is_dir():
            mistakes.append(Mistake(name, "is a folder, not a file"))
        else:
            stat = path.stat()
            modified = datetime.fromtimestamp(int(stat.st_mtime * 1000) / 1000, UTC)
            sources.append(Source(name, path.resolve(), stat.st_size if path.is_file() else None, modified))
    if names.count(STDIN) > 1:
        mistakes.append(Mistake(STDIN, "standard input can be read once only"))
    if mistakes:
        raise InputError(mistakes, "Name files that exist, or - for standard input")
    return sources


def open_source(source: Source) -> OpenSource:
    """Open a source and look at its first bytes. Raises InputError when it cannot be opened."""
    try:
        raw: IO[bytes] = sys.stdin.buffer if source.path is None else source.path.open("rb")
        counter = CountingReader(raw)
        magic, plain = _look_ahead(io.BufferedReader(counter), 2)
        if magic == GZIP_MAGIC:
            # No buffer around it: a read that ends in an error would take all that the buffer asked for with it.
            head, stream = _look_ahead(gzip.GzipFile(fileobj=plain), HEAD)
        else:
            head, stream = _look_ahead(plain, HEAD)
    except (OSError, EOFError, zlib.error) as error:
        what = getattr(error, "strerror", None) or f"cannot be read: {error}"
        raise InputError([Mistake(source.name, what)], "Check the file and its permissions") from error
    if magic != GZIP_MAGIC and source.size is not None:
        stream.path = source.path
    return OpenSource(source, counter, stream, head)


def _look_ahead(stream: io.BufferedIOBase, at_most: int) -> tuple[bytes, SourceStream]:
    """The first line, but at most so many bytes, and the stream with them put back. A pipe may give them piecemeal."""
    head = b""
    while len(head) < at_most and b"\n" not in head and (more := stream.read1(at_most - len(head))):
        head += more
    return head, SourceStream(Replay(head, stream), BUFFER)


def run_identity(sources: list[Source], *options: str) -> str | None:
    """16 hex digits over the sources and the options that decide what is written; None with standard input."""
    identities = [source.identity for source in sources]
    if None in identities:
        return None
    text = "\n".join([*(str(identity) for identity in identities), *options])
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
