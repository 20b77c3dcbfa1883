"""Refused records, as JSON Lines: source, line, every reason, and the record itself, to be mended and sent again."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import orjson

from ingest.record import Refusal
from stack.errors import ConfigError


class DeadLetters:
    """A file that comes into being with the first refusal. `keep` cuts it to what a resumed run had committed."""

    def __init__(self, path: Path | None, keep: int | None = None) -> None:
        self.path = path
        self.written = 0
        self._file: IO[bytes] | None = None
        self._keep = keep

    @property
    def size(self) -> int:
        """Bytes of the file now, 0 while there is none."""
        if self._file is not None:
            return self._file.tell()
        return self._keep or 0

    def write(self, refusals: list[Refusal]) -> None:
        """Append the refusals. Raises ConfigError when the file cannot be written."""
        if not refusals or self.path is None:
            return
        try:
            file = self._open(self.path)
            file.write(b"".join(map(as_line, refusals)))
            file.flush()
        except OSError as error:
            remedy = "Name another file with --dead-letters"
            raise ConfigError(f"cannot write {self.path}: {error.strerror or error}", remedy) from error
        self.written += len(refusals)

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()

    def _open(self, path: Path) -> IO[bytes]:
        if self._file is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab")
            if self._keep is not None and self._keep < self._file.tell():
                self._file.truncate(self._keep)
                self._file.seek(self._keep)
        return self._file


def as_line(refusal: Refusal) -> bytes:
    """One refusal as a line of JSON."""
    letter: dict[str, Any] = {
        "source": refusal.source,
        "line": refusal.line,
        "reasons": [{"field": mistake.where, "what": mistake.what} for mistake in refusal.mistakes],
    }
    letter |= {"detail": refusal.detail} if refusal.detail else {}
    letter |= {"data": refusal.data} if refusal.data is not None else {"raw": refusal.raw}
    return orjson.dumps(letter, default=_printable, option=orjson.OPT_NON_STR_KEYS) + b"\n"


def _printable(value: object) -> str:
    """What JSON has no form for (a Parquet decimal, bytes), and text that is no Unicode (lone surrogates)."""
    return str(value).encode("utf-8", "replace").decode()
