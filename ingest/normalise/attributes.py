"""Attributes of a product: readable names, clean values, units in one spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ingest.normalise.numbers import flag, number
from ingest.normalise.text import clean
from ingest.normalise.units import canonical_units

LABEL = 256  # longest label that the index keeps as one value
LONGEST_VALUE = 200_000  # longer ones are no attributes
RAW_NAME = re.compile(r"attr_([tnb])_(.+)")
TRADEMARK = re.compile(r"(?<![^_])(intel)__")  # "Intel® 64" was flattened to intel__64
PLURAL = re.compile(r"(?<=[a-z]{2})_s_(?=_|\Z)")

Value = bool | float | str | tuple[str, ...]


@lru_cache(maxsize=20_000)
def attribute_name(name: str) -> str:
    """`attr_t_contrast_ratio__typical_` → `contrast ratio (typical)`; `"Screen_Size "` → `screen size`."""
    raw = RAW_NAME.fullmatch(name)
    return _restored(raw.group(2)) if raw else clean(name.replace("_", " ")).lower()


def _restored(flat: str) -> str:
    """Undo Icecat's flattening, in which every sign became `_`: ` (x)` → `__x_`, ` & ` → `___`, `(s)` → `_s_`."""
    flat = PLURAL.sub("(s)", TRADEMARK.sub(r"\1_", flat.lower())).replace("___", " & ")
    closed = flat.endswith("_")
    parts = flat.strip("_").split("__")
    if len(parts) % 2 == (0 if closed else 1):
        # Text and bracket take turns: vga__d_sub__ports, ratio__typical_
        parts = [f"({part})" if place % 2 else part for place, part in enumerate(parts)]
    elif closed and len(parts) > 1:
        parts = [parts[0], f"({', '.join(parts[1:])})"]  # a comma within the bracket: fifo__first_in__first_out_
    return " ".join(" ".join(parts).replace("_", " ").split())


def attribute_value(name: str, value: Any) -> Value | None:
    """A clean value; None when it is empty. Raises ValueError when the index cannot hold it."""
    raw = RAW_NAME.fullmatch(name) if isinstance(value, str) else None
    if raw and raw.group(1) != "t" and value.strip():
        return number(value) if raw.group(1) == "n" else flag(value)
    if isinstance(value, str):
        if len(value) > LONGEST_VALUE:
            raise ValueError(f"has {len(value):,} characters, at most {LONGEST_VALUE:,} are taken")
        labels = _labels(value)
        return labels[0] if len(labels) == 1 else labels or None
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float, Decimal)):
        return number(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return tuple(dict.fromkeys(label for part in value for label in _part_labels(part))) or None
    raise ValueError("not a text, number, flag or list")


def _part_labels(part: Any) -> tuple[str, ...]:
    if isinstance(part, (dict, list, tuple)):
        raise ValueError("a list within a list")
    return () if part is None else _labels(str(part))


def _labels(text: str) -> tuple[str, ...]:
    text = canonical_units(clean(text))
    if len(text) <= LABEL:
        return (text,) if text else ()
    return tuple(dict.fromkeys(_pieces(text)))


def _pieces(text: str) -> Iterator[str]:
    """Cut an overlong value into labels that together hold all of its words: at commas, or between words."""
    line = ""
    for part in text.split(", "):
        for word in [part] if len(part) <= LABEL else part.split(" "):
            for piece in (word[start : start + LABEL] for start in range(0, len(word), LABEL)):
                if len(part) > LABEL and len(line) + len(piece) < LABEL:
                    line = f"{line} {piece}".strip()
                else:
                    if line:
                        yield line
                    line = piece
        if line:
            yield line
        line = ""


def merge(attributes: dict[str, Value], name: str, value: Value) -> None:
    """Add a value. Where two columns have one readable name, a text says more than a flag, and texts are joined."""
    known = attributes.get(name)
    if known is None or isinstance(known, bool):
        attributes[name] = value
    elif isinstance(known, (str, tuple)) and isinstance(value, (str, tuple)):
        both = (known if isinstance(known, tuple) else (known,)) + (value if isinstance(value, tuple) else (value,))
        attributes[name] = tuple(dict.fromkeys(both)) if len(set(both)) > 1 else known
