"""From what recall brought to one row: ended lives go back, kinds are compared by their vectors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from api.answers import Recalled
from api.fuse import Found
from api.lives import correct_status, effective_status
from api.model import SearchRequest, Total
from api.query.fields import load_fields
from api.query.plan import Plan, make_plan
from api.ranking import affinities, fuse_kinds, make_row
from stack.capabilities import Capabilities
from stack.documents import KINDS, Kind
from stack.rules import load_rules
from stack.settings import ROOT

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAPPINGS = ROOT / "mappings"
RULES = load_rules(MAPPINGS)
PORTABLE = Capabilities("3.5.0", "opensearch", (), knn=True, hybrid=False, ltr=False, faiss=False)


def plan(**request: object) -> Plan:
    return make_plan(
        SearchRequest(**request),  # type: ignore[arg-type]
        catalog=load_fields(MAPPINGS),
        rules=RULES,
        languages=["en"],
        default_mode="auto",
        can=PORTABLE,
        now=NOW,
    )


def recalled(routes: Mapping[Kind, Mapping[str, Mapping[str, float]]], ended: set[str] | None = None) -> Recalled:
    found = {
        kind: {name: [Found(id_, score) for id_, score in items.items()] for name, items in each.items()}
        for kind, each in routes.items()
    }
    return Recalled(routes=found, ended=ended or set())


@pytest.mark.parametrize(
    ("status", "age_s", "expected"),
    [
        ("live", 0, "live"),
        ("live", 120, "live"),
        ("live", 121, "ended"),
        ("live", -30, "live"),  # a host's clock that is ahead of ours
        ("live", None, "ended"),
        ("scheduled", None, "scheduled"),
        ("scheduled", 9_999, "scheduled"),
        ("ended", 0, "ended"),
        ("replay", None, "replay"),
        (None, 0, None),
    ],
)
def test_effective_status(status: str | None, age_s: int | None, expected: str | None) -> None:
    beat = None if age_s is None else NOW - timedelta(seconds=age_s)
    assert effective_status(status, beat, NOW, 120) == expected
    stored = {"id": "l", "status": status} | ({"heartbeat_at": beat.isoformat()} if beat else {})
    assert correct_status(stored, NOW, 120) == stored | {"status": expected}


def test_an_ended_live_comes_after_one_that_is_on() -> None:
    lives = {"over": 9.0, "on": 7.0, "weak": 1.0}
    row = fuse_kinds(plan(q="shoes"), recalled({"live": {"lexical": lives}}, ended={"over"}), RULES)["live"]
    assert [item.id for item in row] == ["on", "over", "weak"]
    assert {item.id: item.score for item in row}["over"] == pytest.approx(RULES.blend.ended_live_factor)


def test_only_lives_are_put_back() -> None:
    row = fuse_kinds(plan(q="shoes"), recalled({"product": {"lexical": {"a": 2.0, "b": 1.0}}}, ended={"a"}), RULES)
    assert [item.id for item in row["product"]] == ["a", "b"]


def test_another_order_is_the_engines_own() -> None:
    by_price = plan(q="shoes", sort="price_asc")
    found = Recalled(routes={"product": {"lexical": [Found("b", 0.0, (1.0, "b")), Found("a", 0.0, (2.0, "a"))]}})
    row = make_row(by_price, fuse_kinds(by_price, found, RULES), found, RULES)
    assert [(item.id, item.sort) for item in row] == [("b", (1.0, "b")), ("a", (2.0, "a"))]


def near(*cosines: float) -> dict[str, list[Found]]:
    """What the vector route found at these cosines."""
    return {"vector": [Found(f"d{n}", (1 + cosine) / 2) for n, cosine in enumerate(cosines)]}


WORDS_ONLY = {"lexical": [Found("l", 3.0)]}


def fits(routes: Mapping[Kind, Mapping[str, list[Found]]], **totals: int) -> dict[Kind, float]:
    found = Recalled(routes={kind: dict(each) for kind, each in routes.items()})
    found.totals |= {kind: Total(value=value) for kind, value in totals.items() if kind in KINDS}
    return affinities(found, 0.6)


def test_kinds_are_compared_by_their_nearest_neighbours() -> None:
    fit = fits({"product": near(0.8, 0.7, 0.6, 0.1), "video": near(0.35, 0.35, 0.35)})
    assert fit == pytest.approx({"product": 1.0, "video": 0.5})


def test_a_single_near_neighbour_is_not_held_against_a_kind() -> None:
    assert fits({"product": near(0.8, 0.8, 0.8), "live": near(0.8)})["live"] == pytest.approx(1.0)


def test_without_vectors_all_kinds_fit_alike() -> None:
    assert fits({"product": {}, "live": WORDS_ONLY}) == {"product": 1.0, "live": 1.0}


def test_a_kind_without_a_neighbour_fits_by_its_words_only() -> None:
    routes: dict[Kind, dict[str, list[Found]]] = {"product": near(0.6, 0.6, 0.6), "live": WORDS_ONLY}
    assert fits(routes)["live"] == 0
    assert fits(routes, live=1)["live"] == 0.6


def test_neighbours_that_point_away_fit_nothing() -> None:
    assert fits({"product": near(-0.2), "video": near(-0.4)}) == {"product": 0, "video": 0}


def test_the_best_fitting_kind_leads_the_row() -> None:
    by_words = plan(q="unboxing")
    found = Recalled(routes={"product": near(0.1, 0.1, 0.1), "video": near(0.7, 0.7, 0.7)})
    row = make_row(by_words, fuse_kinds(by_words, found, RULES), found, RULES)
    assert [item.kind for item in row] == ["video"] * 3 + ["product"] * 3


def test_native_and_portable_rows_are_the_same_where_the_engine_fuses_as_we_do() -> None:
    """The engine's fused scores, the nearest cosines beside them and the words behind the window: the same row."""
    by_words = plan(q="mouse")
    words = {"a": 9.0, "b": 5.0, "c": 1.0}
    vectors = {"b": 0.9, "c": 0.8, "d": 0.7}
    portable = recalled({"product": {"lexical": words, "vector": vectors}})
    ours = make_row(by_words, fuse_kinds(by_words, portable, RULES), portable, RULES)
    fused = {item.id: item.score for item in ours}
    native = recalled({"product": {"hybrid": fused, "vector": vectors, "lexical": words | {"deep": 0.5}}})
    theirs = make_row(by_words, fuse_kinds(by_words, native, RULES), native, RULES)
    assert [item.id for item in theirs] == [*(item.id for item in ours), "deep"]
