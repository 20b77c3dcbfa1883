"""Opening a source: a file, an address or standard input; gzip, zstd or plain (told by the first bytes)."""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from ingest.remote import Remote, RemoteFile, find_remote, has_changed, is_address, shown
from stack.errors import InputError, Mistake

STDIN = "-"
GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
BUFFER = 1 << 20
UNZSTD_AT_ONCE = 1 << 14
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


class Unzstd(io.BufferedIOBase):
    """The decompressed bytes of a zstd stream. Arrow's reader, which knows a cut file from a whole one.

    Raises OSError where the stream is damaged or cut off.
    """

    def __init__(self, packed: io.BufferedIOBase) -> None:
        import pyarrow

        self._packed = packed
        self._stream = pyarrow.CompressedInputStream(pyarrow.PythonFile(_Pieces(packed), mode="r"), "zstd")

    def readable(self) -> bool:
        return True

    def readinto1(self, buffer: Any) -> int:
        data = self.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read1(self, size: int = -1) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        # Little at once: a read that ends in an error takes all that was asked for with it.
        return cast(bytes, self._stream.read(min(size, UNZSTD_AT_ONCE) if size > 0 else UNZSTD_AT_ONCE))

    def close(self) -> None:
        self._packed.close()
        super().close()


class _Pieces:
    """A stream as Arrow reads it: with what is there, so that a pipe's records flow as they come."""

    closed = False

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        return self._stream.read1(size)

    def close(self) -> None:
        pass


class SourceStream(io.BufferedReader):
    """Decompressed bytes of a source. `path` is set for a plain file, for readers that must seek in it."""

    path: Path | None = None


@dataclass(frozen=True)
class Source:
    """A file, an address or standard input. `modified` stands in for a missing `updated_at` (standard input: now)."""

    name: str
    path: Path | None
    size: int | None  # None for a pipe
    modified: datetime
    remote: Remote | None = None

    @property
    def is_stdin(self) -> bool:
        """Standard input comes once, and nothing can be known of it before."""
        return self.path is None and self.remote is None

    def check_unchanged(self) -> None:
        """Raise InputError when it is another file now than when the run began: what was read may be half of each."""
        if self.remote is not None:
            changed = self.remote.mark is not None and has_changed(self.remote)
        else:
            now = self.path and self.size is not None and _file_source(self.name, self.path)
            changed = bool(now) and replace(self, name="") != replace(cast(Source, now), name="")
        if changed:
            remedy = "What was read is written. Run the command again on the source as it is now"
            raise InputError([Mistake(self.name, "changed while it was read")], remedy)

    @property
    def identity(self) -> str | None:
        """Changes when the file does; None for standard input and pipes, which cannot be read again."""
        if self.remote is not None:
            known = self.remote.mark is not None and self.size is not None
            return f"{self.remote.address}|{self.size}|{self.remote.mark}" if known else None
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
        if is_address(name):
            try:
                remote = find_remote(name)
            except InputError as error:
                mistakes += error.mistakes
            else:
                sources.append(Source(shown(name), None, remote.size, remote.modified or now, remote))
            continue
        path = Path(name)
        if not path.exists():
            mistakes.append(Mistake(name, "no such file"))
        elif path.is_dir():
            mistakes.append(Mistake(name, "is a folder, not a file"))
        else:
            sources.append(_file_source(name, path))
    if names.count(STDIN) > 1:
        mistakes.append(Mistake(STDIN, "standard input can be read once only"))
    if mistakes:
        raise InputError(mistakes, "Name files that exist, or - for standard input")
    return sources


def _file_source(name: str, path: Path) -> Source:
    stat = path.stat()
    modified = datetime.fromtimestamp(int(stat.st_mtime * 1000) / 1000, UTC)
    return Source(name, path.resolve(), stat.st_size if path.is_file() else None, modified)


def open_source(source: Source) -> OpenSource:
    """Open a source and look at its first bytes. Raises InputError when it cannot be opened."""
    try:
        counter = CountingReader(_raw(source))
        magic, plain = _look_ahead(io.BufferedReader(counter), 4)
        packed = magic.startswith((GZIP_MAGIC, ZSTD_MAGIC))
        if magic.startswith(GZIP_MAGIC):
            # No buffer around it: a read that ends in an error would take all that the buffer asked for with it.
            head, stream = _look_ahead(gzip.GzipFile(fileobj=plain), HEAD)
        elif packed:
            head, stream = _look_ahead(Unzstd(plain), HEAD)
        else:
            head, stream = _look_ahead(plain, HEAD)
    except (OSError, EOFError, zlib.error) as error:
        what = getattr(error, "strerror", None) or f"cannot be read: {error}"
        raise InputError([Mistake(source.name, what)], "Check the file and its permissions") from error
    if not packed and source.size is not None:
        stream.path = source.path
    return OpenSource(source, counter, stream, head)


def _raw(source: Source) -> IO[bytes]:
    if source.remote is not None:
        return cast(IO[bytes], RemoteFile(source.remote))
    return sys.stdin.buffer if source.path is None else source.path.open("rb")


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
