"""The categories that what is wanted would stand in, with calibrated probabilities. Only a report: ranking uses it as a
boost, and as a filter when it is nearly certain (`filter_from`)."""

from __future__ import annotations

from dataclasses import replace

from api.understand.model import Understanding
from api.understand.step import Did, Kit, Step, unchanged


def make(kit: Kit) -> Step:
    """The step; without a lexicon no category is known."""
    lexicon = kit.lexicon
    if lexicon is None:
        return unchanged
    filter_from = kit.rules.category.filter_from

    def step(seen: Understanding) -> Did:
        wanted = wanted_text(seen)
        ranked = lexicon.categories(wanted) if wanted else ()
        if not ranked:
            return Did(seen)
        path, share = ranked[0]
        note = f"nearly certain: {path}" if share >= filter_from else ""
        return Did(replace(seen, categories=ranked), share, note)

    return step


def wanted_text(seen: Understanding) -> str:
    """The words without what the thing is for: "case" of "case for iphone 12"."""
    text = seen.text
    for span in seen.of_type("compatible"):
        before, found, _after = text.rpartition(span.text)
        text = before.strip() if found else text
    return text.strip()
