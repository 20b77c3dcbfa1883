"""The tree of categories, whatever paths the documents have."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from api.browse.categories import DEEPEST, tree
from api.browse.model import Category


def names(found: list[Category]) -> list[tuple[str, int]]:
    return [(one.name, one.count) for one in found]


def test_paths_become_a_tree_with_the_counts_of_all_types() -> None:
    roots = tree(
        {
            "product": {"Audio": 5, "Audio > Headphones": 3, "Audio > Speakers": 2, "Home": 9},
            "video": {"Audio": 1, "Audio > Headphones": 1},
        }
    ).categories
    assert names(roots) == [("Home", 9), ("Audio", 6)]
    audio = roots[1]
    assert audio.counts == {"product": 5, "video": 1}
    assert names(audio.children) == [("Headphones", 4), ("Speakers", 2)]
    assert audio.children[0].value == "Audio > Headphones"
    assert audio.children[0].path == ["Audio", "Headphones"]


def test_a_category_that_loops_ends() -> None:
    loop = " > ".join(["A", "B"] * 4)
    paths = {" > ".join(loop.split(" > ")[:depth]): 1 for depth in range(1, 9)}
    node, depth = tree({"product": paths}).categories[0], 1
    while node.children:
        (node,) = node.children
        depth += 1
    assert depth == 8
    assert node.path == ["A", "B"] * 4
    assert json.loads(node.model_dump_json())["value"] == loop


def test_absurdly_deep_and_empty_names_are_left_out() -> None:
    deep = " > ".join(f"level {n}" for n in range(100_000))
    found = tree({"product": {deep: 4, "Audio": 2, "": 7, " > ": 1, "Audio >  > X": 1}}).categories
    assert names(found) == [("Audio", 2)]


def test_a_parent_that_no_document_names_has_what_is_below_it() -> None:
    (root,) = tree({"product": {"A > B": 3, "A > C": 4}, "live": {"A > B": 1}}).categories
    assert (root.name, root.count, root.counts) == ("A", 8, {"product": 7, "live": 1})


@settings(deadline=None)
@given(st.dictionaries(st.lists(st.sampled_from("AB >"), max_size=12).map(" > ".join), st.integers(0, 9), max_size=20))
def test_any_paths_give_a_tree_that_ends(paths: dict[str, int]) -> None:
    found = [(one, 1) for one in tree({"product": paths}).categories]
    while found:
        node, depth = found.pop()
        assert depth <= DEEPEST
        assert len(node.path) == depth
        found += [(child, depth + 1) for child in node.children]
