"""What the fake core understands: price and negation by the real steps, spelling by a list of two words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from api.model import Explanation, Reason, SearchRequest
from api.understand.chain import Understander
from api.understand.model import Span, StepReport, Understanding
from api.understand.step_rules import load_step_rules
from stack.settings import ROOT

CORRECTED = {"wirless": "wireless"}
# The speller is not sure enough of this one to rewrite it.
OFFERED = {"mousse": "mouse"}
UNKNOWN = "xyzzy"
BRANDS = {"hp": "HP"}
BARE = Understander(None, load_step_rules(ROOT / "mappings"), ("en",))


def understand(request: SearchRequest) -> Understanding:
    """As the real chain reports it, the spelling step included."""
    seen = BARE.understand(request.q, request.language, frozenset(request.without))
    if "spelling" not in request.without:
        seen = _spelled(seen)
    if "recognise" not in request.without:
        brands = [Span("brand", word, BRANDS[word], 0.95, "brand") for word in seen.text.split() if word in BRANDS]
        seen = replace(seen, spans=(*seen.spans, *brands))
    return seen


def _spelled(seen: Understanding) -> Understanding:
    words = seen.text.split()
    changes = tuple((word, CORRECTED[word]) for word in words if word in CORRECTED)
    note = "; ".join(f"did you mean {OFFERED[word]} for {word}? (0.55)" for word in words if word in OFFERED)
    text = " ".join(CORRECTED.get(word, word) for word in words)
    step = StepReport("spelling", seen.text, text, 0.9, note)
    return replace(seen, text=text, corrections=changes, steps=(*seen.steps, step))


def query_object(seen: Understanding, relaxed: tuple[str, tuple[str, ...]] | None) -> dict[str, Any]:
    """The answer's `query`."""
    said = None if relaxed is None else {"text": relaxed[0], "dropped": list(relaxed[1])}
    return seen.as_json() | {"relaxed": said}


def explanation(position: int) -> Explanation:
    """One with a hostile label, a reason for the hit and one against it."""
    return Explanation(
        summary=f"Found by its words (1st). Stays at {position} <b>of its kind</b>.",
        routes={"lexical": position},
        first_stage=position,
        final_stage=position,
        model="v7",
        score=1.25,
        average=0.25,
        reasons=[
            Reason(feature="title_bm25", label="the words in the <i>title</i>", value=11.4, effect=0.9),
            Reason(feature="price_log", label="price", value=2.0, effect=-0.3),
        ],
    )
