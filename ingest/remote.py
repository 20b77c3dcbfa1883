"""Sources at an address: http(s)://, s3:// and whatever else fsspec knows, read from front to back.

A connection that breaks is opened again where it ended; a source that is another one by then is refused. Addresses may
hold passwords and signatures, so only `shown` is ever told, and never what a library says of an address.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from stack.errors import ConfigError, InputError, Mistake

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
TRIES = 5  # without a byte in between; up to half a minute of waiting
CONNECT_S, READ_S = 30, 60
EXTRAS = {"s3": "s3"}  # protocol → our extra that reads it
BUSY = frozenset({429, 500, 502, 503, 504})
SAID = {404: "no such file", 410: "no such file", 401: "needs other credentials", 403: "may not be read"}
CHECK = "Check the address, and that it may be read from here"


class Interrupted(Exception):
    """The connection broke, or the other side is busy: worth another try."""


def is_address(name: str) -> bool:
    """`https://…`, `s3://…`, but no path."""
    return ADDRESS.match(name) is not None


def shown(address: str) -> str:
    """The address without user, password, query and fragment: `https://u:p@h/a?key=1` → `https://h/a`."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


@dataclass(frozen=True)
class Remote:
    """A source at an address as it was when the run began; `mark` changes when the source does (an ETag or a time)."""

    address: str
    system: Any
    path: str
    size: int | None
    modified: datetime | None
    mark: str | None

    @property
    def is_http(self) -> bool:
        return self.path.startswith(("http://", "https://"))


def find_remote(address: str) -> Remote:
    """Look at an address. Raises ConfigError when a library is missing, InputError when nothing can be read there."""
    # Here, not above: aiohttp and fsspec take a third of a second to load.
    from fsspec.core import url_to_fs  # type: ignore[import-untyped]

    scheme = address.split("://", 1)[0].lower()
    try:
        system, path = url_to_fs(address, **_options(scheme))
    except ImportError as error:
        extra = EXTRAS.get(scheme)
        remedy = f"pip install 'souk[{extra}]'" if extra else f"Install the fsspec package that reads {scheme}://"
        raise ConfigError(f"{shown(address)}: a library to read {scheme}:// is not installed", remedy) from error
    except ValueError as error:
        raise InputError([Mistake(shown(address), f"{scheme}:// is no kind of source")], "Use https:// or s3://") from (
            error
        )
    info = _tried(address, lambda: system.info(path))
    if info.get("type") == "directory":
        raise InputError([Mistake(shown(address), "is a folder, not a file")], CHECK)
    modified = _time(info)
    mark = info.get("ETag") or info.get("etag") or (modified.isoformat() if modified else None)
    size = info.get("size")
    return Remote(address, system, path, int(size) if size is not None else None, modified, mark)


class RemoteFile(io.RawIOBase):
    """The bytes of a remote source, in order. Raises InputError when it cannot be read on; a resume goes on there."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._file: Any = None
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read1(self, size: int) -> bytes:
        """The next bytes, at most `size`; none at the end."""
        data: bytes = _tried(
            self._remote.address, lambda: self._read(size), "What was read is written: go on with --resume"
        )
        self._at += len(data)
        return data

    def _read(self, size: int) -> bytes:
        try:
            self._file = self._file or self._opened()
            data = cast(bytes, self._file.read(size))
            if not data and self._remote.size is not None and self._at < self._remote.size:
                raise Interrupted(f"ends after {self._at:,} of {self._remote.size:,} bytes")
        except BaseException:
            self._drop()
            raise
        return data

    def _opened(self) -> Any:
        """The file, from where reading stopped."""
        remote = self._remote
        if self._at and _mark_now(remote) != remote.mark:
            raise InputError([Mistake(shown(remote.address), "changed while it was read")], "Run the command again")
        if not remote.is_http:
            file = remote.system.open(remote.path, "rb")
            file.seek(self._at)
            return file
        # One request for all of it, not one for each block: sources are read from front to back.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={self._at}-"} if self._at else {})
        file = remote.system.open(remote.path, "rb", block_size=0, size=0, headers=headers)
        file.r.raise_for_status()
        passed = 0 if file.r.status == 206 else self._at
        while passed > 0:  # a server that knows no ranges sends all of it again
            data = file.read(min(passed, 1 << 20))
            if not data:
                raise Interrupted("ends before the place where it broke off")
            passed -= len(data)
        return file

    def _drop(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def close(self) -> None:
        self._drop()
        super().close()


def has_changed(remote: Remote) -> bool:
    """Is it another source now than when the run began?"""
    return _mark_now(remote) != remote.mark


def _mark_now(remote: Remote) -> str | None:
    remote.system.invalidate_cache()
    return find_remote(remote.address).mark


def _tried(address: str, work: Callable[[], Any], remedy: str = CHECK) -> Any:
    """Do it, again after a break. Raises InputError in words of our own: a library's may hold the whole address."""
    tries = Retrying(
        retry=retry_if_exception_type(Interrupted),
        stop=stop_after_attempt(TRIES),
        wait=wait_random_exponential(multiplier=0.5, max=10),
        reraise=True,
    )
    try:
        return tries(lambda: _translated(work))
    except Interrupted as error:
        raise InputError([Mistake(shown(address), f"{error}; gave up after {TRIES} tries")], remedy) from None
    except _Refused as error:
        raise InputError([Mistake(shown(address), str(error))], CHECK) from None


class _Refused(Exception):
    pass


def _translated(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception as error:
        ours = _ours(error)
        if ours is None:
            raise
        raise ours from None


def _ours(error: BaseException) -> Exception | None:
    """What a library raised, in our words; None for what is no fault of the source."""
    import aiohttp

    if isinstance(error, FileNotFoundError) and error.__cause__ is not None:
        return _ours(error.__cause__)  # fsspec calls every failure of a first look so
    if isinstance(error, FileNotFoundError):
        return _Refused("no such file")
    if isinstance(error, PermissionError):
        return _Refused("may not be read with these credentials")
    if isinstance(error, aiohttp.ClientResponseError):
        busy = error.status in BUSY
        said = SAID.get(error.status, f"the server answers {error.status}")
        return Interrupted(said) if busy else _Refused(said)
    if isinstance(error, aiohttp.ClientError | OSError | TimeoutError):
        return Interrupted(f"cannot be reached ({type(error).__name__})")
    # botocore makes its errors at run time (NoCredentialsError …): names without addresses.
    if type(error).__module__.startswith(("botocore", "aiobotocore", "fsspec", "s3fs")):
        return _Refused(f"cannot be read ({type(error).__name__})")
    return None


def _options(scheme: str) -> dict[str, Any]:
    if scheme not in ("http", "https"):
        return {}
    import aiohttp

    # aiohttp ends a request after five minutes in all, whatever arrives: a catalogue takes longer to ingest.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=READ_S)
    # Places in the file are places in what is sent, so nothing may be unpacked on the way.
    return {"client_kwargs": {"timeout": timeout, "auto_decompress": False}, "skip_instance_cache": True}


def _time(info: dict[str, Any]) -> datetime | None:
    """When it was changed: a datetime (S3, memory), seconds, or an HTTP date."""
    for name in ("LastModified", "Last-Modified", "mtime", "modified", "created"):
        value = info.get(name)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str):
            try:
                return parsedate_to_datetime(value).astimezone(UTC)
            except ValueError:
                continue
    return None
