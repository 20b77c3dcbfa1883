"""Plans over the real rules and fields, and a walk through a body, for the tests of query building."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from api.model import SearchRequest
from api.query.fields import load_fields
from api.query.plan import Plan, make_plan
from api.query.recall import Part, Recall
from api.understand.model import Understanding
from stack.capabilities import Capabilities
from stack.documents import KINDS, Kind
from stack.rules import load_rules
from stack.settings import ROOT

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAPPINGS = ROOT / "mappings"
DECLARED = load_rules(MAPPINGS)
# With every route on: one that is off by default is tested all the same.
EVERY_ROUTE = {name: route.model_copy(update={"kinds": KINDS}) for name, route in DECLARED.funnel.routes.items()}
RULES = DECLARED.model_copy(update={"funnel": DECLARED.funnel.model_copy(update={"routes": EVERY_ROUTE})})
FIELDS = load_fields(MAPPINGS)
PORTABLE = Capabilities("3.5.0", "opensearch", (), knn=True, hybrid=False, ltr=False, faiss=False)
OFFICIAL = Capabilities("3.5.0", "opensearch", (), knn=True, hybrid=True, ltr=True, faiss=True)
INDEXES: dict[Kind, str] = {"product": "souk-products", "video": "souk-videos", "live": "souk-lives"}
RECALL = Recall(RULES, FIELDS, INDEXES, "souk")
VECTOR = [0.6, 0.8, 0.0, 0.0]


def plan(
    request: SearchRequest | None = None,
    can: Capabilities = PORTABLE,
    understanding: Understanding | None = None,
    **fields: Any,
) -> Plan:
    """The plan of a request, or of a request with these fields."""
    return make_plan(
        request or SearchRequest(**fields),
        catalog=FIELDS,
        rules=RULES,
        languages=["en", "de", "cjk"],
        default_mode="auto",
        can=can,
        now=NOW,
        understanding=understanding,
    )


def understood(text: str, **fields: Any) -> Plan:
    """The plan of words in which this was understood."""
    return plan(understanding=Understanding(text, text, "en", **fields), q=text)


def parts(vector: list[float] | None = VECTOR, can: Capabilities = PORTABLE, **fields: Any) -> list[Part]:
    """The searches of a request."""
    made = plan(can=can, **fields)
    return RECALL.parts(made, vector if made.wants_vector else None)


def part(kind: Kind, purpose: str, **fields: Any) -> Part:
    """The one search of a kind for a purpose."""
    (found,) = [each for each in parts(**fields) if (each.kind, each.purpose) == (kind, purpose)]
    return found


def walk(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each key and leaf of a body with the keys above it; places in a list are left out of the path."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield (*path, key), None
            yield from walk(value, (*path, key))
    elif isinstance(node, list):
        for item in node:
            yield from walk(item, path)
    else:
        yield path, node
