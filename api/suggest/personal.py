"""Which searches of others must not be shown: whatever may name a person, an order or a card."""

from __future__ import annotations

import re
import unicodedata

ADDRESS = re.compile(r"@|https?:|www\.|\b[\w-]+\.(com|net|org|info|io|de|fr|uk|ru|cn)\b", re.IGNORECASE)


def may_be_shown(query: str, longest: int, most_digits: int) -> bool:
    """A short line with a letter in it, without mail or web addresses, long numbers and control characters."""
    text = query.strip()
    if not text or len(text) > longest or ADDRESS.search(text):
        return False
    if any(unicodedata.category(char).startswith("C") for char in text):
        return False
    if not any(char.isalpha() for char in text):
        return False
    return _longest_number(text) <= most_digits


def _longest_number(text: str) -> int:
    """Digits in a row, also those that are only parted as phone and card numbers are: `0151 234-567` has ten."""
    runs = re.findall(r"\d(?:[\s().+/-]{0,2}\d)*", text)
    return max((sum(char.isdigit() for char in run) for run in runs), default=0)
