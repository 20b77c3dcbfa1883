"""Words and numbers into sentences: filling of templates, articles, one random stream a record."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from random import Random
from string import Formatter
from typing import Any

from stack.errors import ConfigError

Record = dict[str, Any]
SPACES = re.compile(r"\s+")
# Lower-case words before a vowel, except those that sound like "you" or "one".
ARTICLE = re.compile(r"\b([Aa]) (?=[aeiouAEIOU8])(?!(?:uni|use|usu|uti|eur|one|USB|UV|UHD|U-)\w*)")
SENTENCE_START = re.compile(r"(^|[.!?]\s+)([a-z])(?![A-Z])")


def stream(seed: int, *path: object) -> Random:
    """A random stream of its own for one record, so that a larger market begins with the smaller one.

    A text seed goes through SHA-512 (`random.Random.seed`, version 2), thus is the same on every machine.
    """
    return Random("/".join(map(str, (seed, *path))))  # noqa: S311 - a market, not a secret


def fill(template: str, values: Mapping[str, Any]) -> str:
    """`"{brand} {size} W"` → `"Auvelo 10 W"`. Lists print as a span. Raises ConfigError."""
    try:
        text = template.format_map({name: spoken(value) for name, value in values.items()})
    except (KeyError, ValueError, IndexError) as error:
        raise ConfigError(f"market template {template!r}: {error} is not known", "Correct learn/market/data") from error
    return ARTICLE.sub(r"\1n ", SPACES.sub(" ", text).strip())


def sentence(template: str, values: Mapping[str, Any]) -> str:
    """A filled template whose sentences begin with a capital, and with real dashes."""
    text = fill(template, values).replace(" - ", " – ")
    return SENTENCE_START.sub(lambda found: found.group(1) + found.group(2).upper(), text)


def placeholders(template: str) -> set[str]:
    """The names between braces."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def spoken(value: object) -> str:
    """`30.0` → `30`, `("S", "M", "L")` → `S–L`, `("nuts", "milk")` of two → `nuts, milk`."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, (list, tuple)):
        return f"{value[0]}–{value[-1]}" if len(value) > 2 else ", ".join(map(str, value))
    return str(value)


def lognormal(random: Random, median: float, sigma: float) -> float:
    """A heavy-tailed number: half of them lie below `median`; `sigma` is the deviation of its natural logarithm."""
    return median * math.exp(random.gauss(0.0, sigma))


def instant(time: datetime) -> str:
    """ISO 8601 in UTC with whole seconds, like `2025-03-01T09:30:00+00:00`."""
    return time.replace(microsecond=0).isoformat()
