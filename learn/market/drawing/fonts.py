"""The fonts of the drawings: DejaVu, which comes with matplotlib, so that every machine draws the same."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

from stack.errors import ConfigError

FILES = {
    ("sans", "normal"): "DejaVuSans.ttf",
    ("sans", "bold"): "DejaVuSans-Bold.ttf",
    ("serif", "normal"): "DejaVuSerif.ttf",
    ("serif", "bold"): "DejaVuSerif-Bold.ttf",
}
FAMILIES = {"sans": "DejaVu Sans", "serif": "DejaVu Serif"}
MEASURED = 100  # size at which a text is measured, in pixels


@lru_cache(maxsize=1)
def files() -> tuple[str, ...]:
    """Their paths. Matplotlib's folder is found without importing it, which would take half a second."""
    found = find_spec("matplotlib")
    if found is None or found.origin is None:
        raise ConfigError("the fonts of the drawings come with matplotlib, which is not installed", "Reinstall souk")
    folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    return tuple(str(folder / name) for name in FILES.values())


@lru_cache(maxsize=4096)
def width(text: str, face: str = "sans", weight: str = "bold") -> float:
    """How wide a text is, in em."""
    return float(font(face, weight, MEASURED).getlength(text)) / MEASURED


@lru_cache(maxsize=32)
def font(face: str, weight: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of a size in pixels."""
    return ImageFont.truetype(files()[list(FILES).index((face, weight))], size)


def wrap(text: str, wide: float, most: int, face: str = "sans", weight: str = "bold") -> list[str]:
    """The text in at most `most` lines of at most `wide` em; the last one ends in … where some is left over."""
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, face, weight) <= wide or not lines[-1]:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1].rstrip(',;:- ')}…"
            break
    return lines
