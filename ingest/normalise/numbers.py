"""Counts, numbers and flags from what files hold: JSON numbers, `"1,234"`, `"True"`."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

LARGEST = (1 << 63) - 1  # of the engine's type long
THOUSANDS = re.compile(r"[+-]?\d{1,3}([,\s'’]\d{3})+(\.\d+)?")
FLAGS = {"true": True, "yes": True, "y": True, "1": True, "false": False, "no": False, "n": False, "0": False}


def number(value: Any) -> float:
    """A finite number. Raises ValueError when it is none; a flag is none."""
    if isinstance(value, bool):
        raise ValueError("a flag, not a number")
    if isinstance(value, str):
        text = value.strip()
        value = re.sub(r"[,\s'’]", "", text) if THOUSANDS.fullmatch(text) else text
    elif not isinstance(value, (int, float, Decimal)):
        raise ValueError("not a number")
    try:
        result = float(value)
    except (ValueError, OverflowError):
        raise ValueError("not a number") from None
    if not math.isfinite(result) or (isinstance(value, str) and "_" in value):
        raise ValueError("not a finite number" if not math.isfinite(result) else "not a number")
    return result


def whole(value: Any) -> int:
    """A whole number. Raises ValueError when it is none."""
    if type(value) is not int:
        result = number(value)
        if not result.is_integer():
            raise ValueError("not a whole number")
        value = int(result)
    if abs(value) > LARGEST:
        raise ValueError("too large a number")
    return int(value)


def flag(value: Any) -> bool:
    """True or false, also as a word. Raises ValueError when it is neither."""
    if isinstance(value, bool):
        return value
    found = FLAGS.get(str(value).strip().lower())
    if found is None:
        raise ValueError("neither true nor false")
    return found
