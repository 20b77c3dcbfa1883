"""Category paths: `"Audio > Headphones"`, `"Audio|Headphones"`, `"Audio/Headphones"` → `("Audio", "Headphones")`."""

from __future__ import annotations

from typing import Any

from ingest.normalise.text import clean

# The first that occurs splits, so that "Audio > Hi-Fi/Stereo" keeps its slash.
SEPARATORS = (">", "|", "/")


def category_path(value: Any) -> tuple[str, ...]:
    """The path, outermost first; a level said twice in a row counts once. A list is a path already.

    Raises ValueError when it is neither text nor list, and for a path that comes back to where it was: `A > B > A`.
    """
    if isinstance(value, str):
        # Entities first: exports often hold "Audio &gt; Headphones".
        text = clean(value)
        separator = next((sign for sign in SEPARATORS if sign in text), None)
        value = text.split(separator) if separator else [text]
    if not isinstance(value, (list, tuple)) or not all(isinstance(part, str) for part in value):
        raise ValueError("not a category path (write Audio > Headphones)")
    path = tuple(part for part in map(clean, value) if part)
    if len(path) < 2:
        return path
    path = tuple(part for place, part in enumerate(path) if not place or part != path[place - 1])
    if len({part.casefold() for part in path}) < len(path):
        raise ValueError("a category that lies below itself")
    return path
