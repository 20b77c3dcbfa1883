"""What the behavioural checks accept and refuse, on answers that are written down here."""

from __future__ import annotations

import pytest

from learn.checks import CHECKS
from learn.checks.model import Case, Failed, Void
from learn.items import Item

BY_NAME = {check.name: check for check in CHECKS}


def rows(*ids: str) -> list[Item]:
    return [Item(each, f"title {each}") for each in ids]


TEN = rows(*"abcdefghij")
TARGET = Item("t", "Acme Mouse XR-500", "Acme", (), "XR-500")
SAME_MODEL = Item("u", "Acme Mouse", "Acme", (), "xr500")
BLACK = Item("k", "Mouse", "Acme", ("Mice",), price=10.0, attributes={"product colour": ["Black", "Red"]})
WIRED = Item("w", "Wired Mouse", "Other", ("Cables",), price=40.0)


@pytest.mark.parametrize(
    ("name", "case", "answers", "outcome"),
    [
        ("plural", Case(("a", "b")), [TEN, rows(*"abcdexyzuv")], None),
        ("plural", Case(("a", "b")), [TEN, rows(*"abcdxyzuvw")], Failed),
        ("plural", Case(("a", "b")), [TEN, []], Failed),
        ("plural", Case(("a", "b")), [[], TEN], Void),
        ("typo", Case(("a", "b"), TARGET), [[*TEN[:9], TARGET], [TARGET]], None),
        ("typo", Case(("a", "b"), TARGET), [TEN, [TARGET]], Failed),
        ("model number", Case(("a",), TARGET), [[TARGET, *TEN]], None),
        ("model number", Case(("a",), TARGET), [[SAME_MODEL, TARGET]], None),
        ("model number", Case(("a",), TARGET), [[*TEN[:1], TARGET]], Failed),
        ("model number", Case(("a",), TARGET), [[]], Failed),
        ("title", Case(("a",), TARGET), [[*TEN[:2], TARGET]], None),
        ("title", Case(("a",), TARGET), [[*TEN[:3], TARGET]], Failed),
        ("never empty", Case(("a",)), [TEN[:1]], None),
        ("never empty", Case(("a",)), [[]], Failed),
        ("brand and thing", Case(("a",), value="ACME", limit=2), [[BLACK, TARGET, WIRED]], None),
        ("brand and thing", Case(("a",), value="Acme", limit=3), [[BLACK, TARGET, WIRED]], Failed),
        ("brand alone", Case(("a",), value="Acme", limit=3), [[]], Failed),
        ("colour and thing", Case(("a",), value="black", limit=1), [[BLACK, WIRED]], None),
        ("colour and thing", Case(("a",), value="black", limit=2), [[BLACK, WIRED]], Failed),
        ("price limit", Case(("a",), limit=40.0), [[BLACK, WIRED]], None),
        ("price limit", Case(("a",), limit=39.0), [[BLACK, WIRED]], Failed),
        ("cheap", Case(("a", "b")), [[WIRED, BLACK], [BLACK]], None),
        ("cheap", Case(("a", "b")), [[BLACK], [WIRED]], Failed),
        ("cheap", Case(("a", "b")), [TEN, TEN], Void),
        ("negation", Case(("a", "b"), value="wired"), [[WIRED], [BLACK]], None),
        ("negation", Case(("a", "b"), value="wired"), [[WIRED], [BLACK, WIRED]], Failed),
        ("negation", Case(("a", "b"), value="wired"), [[WIRED], []], Failed),
        ("negation", Case(("a", "b"), value="wired"), [[BLACK], [BLACK]], Void),
        ("case for X", Case(("a",), value="cable"), [[WIRED, BLACK]], None),
        ("case for X", Case(("a",), value="cable"), [[BLACK, WIRED]], Failed),
        ("category alone", Case(("a",), value="Mice"), [[BLACK, WIRED, *TEN]], None),
        ("category alone", Case(("a",), value="Mice"), [[WIRED]], Failed),
        ("category alone", Case(("a",), value="Mice"), [TEN], Void),
    ],
)
def test_what_holds(name: str, case: Case, answers: list[list[Item]], outcome: type | None) -> None:
    found = BY_NAME[name].holds(case, answers)
    assert (found is None) if outcome is None else isinstance(found, outcome), found
