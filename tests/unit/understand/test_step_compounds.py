"""Words together or apart."""

from __future__ import annotations

import pytest
from chain_lexicon import RULES, understand

from api.understand.chain import Understander
from api.understand.lexicon import Lexicon


@pytest.mark.parametrize(
    ("q", "text", "variants"),
    [
        ("head set", "headset", ()),
        ("blue tooth speaker", "bluetooth speaker", ()),
        ("notebookcharger", "notebook charger", ()),
        ("phonecase", "phone case", ()),
        ("smart watch", "smart watch", ("smartwatch",)),
        ("smartwatch", "smartwatch", ("smart watch",)),
        ("wd 40", "wd 40", ("wd40",)),
        ("hard drive", "hard drive", ()),  # "harddrive" in 1 title of 75: not worth a search
        ("power bank", "power bank", ()),
        ("card reader", "card reader", ("cardreader",)),  # in attributes only
        ("headset", "headset", ()),
        ("samsung", "samsung", ()),
        ("head and set", "head and set", ()),
        ("zzyzxabc", "zzyzxabc", ()),
        ("17 in", "17 in", ()),
    ],
)
def test_one_form_replaces_the_other_or_stands_beside_it(q: str, text: str, variants: tuple[str, ...]) -> None:
    seen = understand(q, "compounds")
    assert (seen.text, seen.variants) == (text, variants)
    assert bool(seen.corrections) == (text != q)


def test_the_letters_that_join_german_words_go() -> None:
    lexicon = Lexicon.of({"sicherheit": 40, "schloss": 30}, documents=900, things=["schloss"])
    seen = Understander(lexicon, RULES, ("de",)).understand("sicherheitsschloss")
    assert seen.text == "sicherheit schloss"


def test_no_more_variants_than_the_rules_allow() -> None:
    seen = understand("17 inch smart watch 1 tb wd 40")
    assert len(seen.variants) <= RULES.compounds.max_variants
    assert seen.variants[0] == "17 inch smartwatch 1 tb wd40"
