"""A colour and the shades that a drawing needs of it."""

from __future__ import annotations

WHITE, BLACK = "#ffffff", "#14161c"


def mix(one: str, other: str, share: float) -> str:
    """`share` (0 to 1) of the other colour in the one; both and the result are `#rrggbb`."""
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(_rgb(one), _rgb(other), strict=True))


def luminance(colour: str) -> float:
    """How bright a colour looks, 0 to 1 (weights of ITU-R BT.709)."""
    red, green, blue = _rgb(colour)
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def shades(colour: str, name: str = "c") -> dict[str, str]:
    """`c`, with its highlight `ch`, light `cl`, dark `cd` and deepest `ck` shade.

    A very dark colour keeps visible edges: its lights are lifted more than those of a bright one.
    """
    dark = luminance(colour) < 0.2
    bright = luminance(colour) > 0.86
    return {
        name: colour,
        f"{name}h": mix(colour, WHITE, 0.42 if dark else 0.55),
        f"{name}l": mix(colour, WHITE, 0.2 if dark else 0.28),
        f"{name}d": mix(colour, BLACK, 0.4 if dark else 0.1 if bright else 0.2),
        f"{name}k": mix(colour, BLACK, 0.66 if dark else 0.24 if bright else 0.42),
    }


def readable_on(colour: str) -> str:
    """Black or white, whichever is read more easily on a colour."""
    return BLACK if luminance(colour) > 0.55 else WHITE


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
