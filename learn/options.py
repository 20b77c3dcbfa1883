"""Values of options that several commands take. Named here so that `souk --help` need not load the search."""

from __future__ import annotations

from enum import StrEnum


class JudgmentFormat(StrEnum):
    """Formats of judgment files."""

    AUTO = "auto"
    CHORUS = "chorus"
    TREC = "trec"
    WANDS = "wands"
    ESCI = "esci"


class RankerName(StrEnum):
    """The rankers."""

    BM25 = "bm25"
    VECTOR = "vector"
    HYBRID = "hybrid"
    FULL = "full"


class TypeName(StrEnum):
    """Document types."""

    PRODUCT = "product"
    VIDEO = "video"
    LIVE = "live"
