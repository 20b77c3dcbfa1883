"""The mixed row: shares, gate, paging, and orders other than relevance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from api.blend import blend, merge_sorted
from api.fuse import Candidate
from stack.documents import KINDS, Kind
from stack.rules import load_rules
from stack.settings import ROOT

RULES = load_rules(ROOT / "mappings").blend
quick = hypothesis_settings(deadline=None, max_examples=80)
sizes = st.fixed_dictionaries({kind: st.integers(0, 40) for kind in KINDS})
falls = st.floats(0, 0.2)
fits = st.fixed_dictionaries({}, optional={kind: st.floats(0, 1) for kind in KINDS})


def queue(kind: Kind, size: int, fall: float = 0.001) -> list[Candidate]:
    """Hits whose scores fall from 1 to 0, `fall` a place."""
    return [Candidate(kind, f"{kind}{place}", max(0.0, 1.0 - fall * place)) for place in range(size)]


def queues(counts: Mapping[Kind, int], fall: float = 0.001) -> dict[Kind, list[Candidate]]:
    return {kind: queue(kind, size, fall) for kind, size in counts.items()}


def test_the_first_places_of_a_fair_row() -> None:
    row = blend(queues(dict.fromkeys(KINDS, 10)), {}, RULES)
    assert [item.kind for item in row[:6]] == ["product", "video", "product", "live", "product", "product"]


@quick
@given(sizes, fits, falls)
def test_nothing_is_lost_or_doubled_and_each_kind_keeps_its_order(
    counts: dict[Kind, int], affinity: dict[Kind, float], fall: float
) -> None:
    candidates = queues(counts, fall)
    row = blend(candidates, affinity, RULES)
    assert len(row) == sum(counts.values())
    for kind in KINDS:
        assert [item for item in row if item.kind == kind] == candidates[kind]


@quick
@given(sizes, fits, falls, st.integers(0, 60), st.integers(0, 20))
def test_the_row_of_a_longer_page_starts_with_the_shorter_one(
    counts: dict[Kind, int], affinity: dict[Kind, float], fall: float, depth: int, more: int
) -> None:
    """A deeper page brings longer lists; the first `depth` places stay, where each list had that many to give."""
    short = blend(queues({kind: min(size, depth) for kind, size in counts.items()}, fall), affinity, RULES)
    long = blend(queues({kind: min(size, depth + more) for kind, size in counts.items()}, fall), affinity, RULES)
    assert long[:depth] == short[:depth]


@quick
@given(st.integers(20, 300))
def test_shares_hold_in_the_long_run(length: int) -> None:
    row = blend(queues(dict.fromkeys(KINDS, 300)), {}, RULES)[:length]
    for kind in KINDS:
        placed = sum(item.kind == kind for item in row)
        assert placed / length == pytest.approx(RULES.shares[kind], abs=2 / length)


@quick
@given(st.floats(0.5, 1))
def test_a_kind_that_fits_less_gets_less(fit: float) -> None:
    row = blend(queues(dict.fromkeys(KINDS, 300)), {"product": 1.0, "video": fit, "live": 1.0}, RULES)[:300]
    shares = RULES.shares | {"video": RULES.shares["video"] * fit}
    assert sum(item.kind == "video" for item in row) / 300 == pytest.approx(
        shares["video"] / sum(shares.values()), abs=0.01
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_below_the_gate_comes_last(kind: Kind) -> None:
    affinity = dict.fromkeys(KINDS, 1.0) | {kind: RULES.gate - 0.01}
    row = blend(queues(dict.fromkeys(KINDS, 7)), affinity, RULES)
    assert {item.kind for item in row[:14]} == set(KINDS) - {kind}
    assert row[14:] == queue(kind, 7)


def test_hits_that_do_not_fit_come_after_all_that_do() -> None:
    best = {kind: [Candidate(kind, f"{kind} fits", score)] for kind, score in zip(KINDS, (1.0, 0.5, 0.1), strict=True)}
    weak = {kind: Candidate(kind, f"{kind} weak", found[0].score * RULES.least * 0.9) for kind, found in best.items()}
    just = Candidate("product", "product just", RULES.least)
    row = blend({**{kind: [*found, weak[kind]] for kind, found in best.items()},
                 "product": [*best["product"], just, weak["product"]]}, {}, RULES)  # fmt: skip
    assert {item.id for item in row[:4]} == {"product fits", "product just", "video fits", "live fits"}
    assert [item.id for item in row[4:]] == ["product weak", "video weak", "live weak"]


def test_what_was_found_behind_the_window_comes_after_everything() -> None:
    """Also after a kind that does not fit: a deeper page would otherwise push its hits down."""
    deep = [Candidate("product", f"deep{place}", 0.0, behind=True) for place in range(3)]
    candidates: dict[Kind, list[Candidate]] = {"product": queue("product", 2) + deep, "live": queue("live", 2)}
    affinity: dict[Kind, float] = {"product": 1.0, "live": 0.0}
    row = blend(candidates, affinity, RULES)
    assert [item.id for item in row] == ["product0", "product1", "live0", "live1", "deep0", "deep1", "deep2"]
    shallow = blend(candidates | {"product": queue("product", 2)}, affinity, RULES)
    assert row[: len(shallow)] == shallow


@pytest.mark.parametrize("counts", [{}, {"video": 0}, {"live": 3}, {"product": 0, "live": 2}])
def test_empty_kinds_leave_no_hole(counts: dict[Kind, int]) -> None:
    row = blend(queues(counts), {}, RULES)
    assert row == [item for kind in KINDS for item in queue(kind, counts.get(kind, 0))]


def test_a_kind_without_a_share_comes_last() -> None:
    rules = RULES.model_copy(update={"shares": {"product": 0.0, "video": 0.5, "live": 0.5}})
    row = blend(queues(dict.fromkeys(KINDS, 3)), {}, rules)
    assert [item.kind for item in row[6:]] == ["product"] * 3


def ordered(kind: Kind, **values: Any) -> list[Candidate]:
    return [Candidate(kind, id_, 0.0, {}, (value, id_)) for id_, value in values.items()]


@pytest.mark.parametrize(
    ("descending", "expected"),
    [(True, ["c", "x", "b", "y", "a", "n", "z"]), (False, ["a", "b", "y", "x", "c", "n", "z"])],
)
def test_one_row_by_value_with_missing_values_last(descending: bool, expected: list[str]) -> None:
    rows: dict[Kind, list[Candidate]] = {
        "video": ordered("video", x=3.0, y=2.0, z=None),
        "product": ordered("product", c=9, b=2, a=1, n=None),
    }
    assert [item.id for item in merge_sorted(rows, descending)] == expected


@pytest.mark.parametrize("descending", [True, False])
def test_the_engines_mark_of_a_missing_value_comes_last_too(descending: bool) -> None:
    """`missing: _last` answers ±Infinity, as text, for a number that is not there."""
    rows: dict[Kind, list[Candidate]] = {
        "product": ordered("product", a=5.0, b="-Infinity" if descending else "Infinity"),
        "live": ordered("live", c=1.0),
    }
    assert merge_sorted(rows, descending)[-1].id == "b"


def test_a_row_of_no_values_is_by_kind_and_id() -> None:
    rows: dict[Kind, list[Candidate]] = {"live": [Candidate("live", "b", 0.0), Candidate("live", "a", 0.0)]}
    assert [item.id for item in merge_sorted(rows, True)] == ["a", "b"]
    assert merge_sorted({}, False) == []
