"""Lines of a judgment file, plain or gzip."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO

GZIP_MAGIC = b"\x1f\x8b"


def open_text(file: Path) -> IO[str]:
    """The text of a file; whether it is packed is told by its first bytes. Raises OSError."""
    with file.open("rb") as raw:
        packed = raw.read(2) == GZIP_MAGIC
    if packed:
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")
