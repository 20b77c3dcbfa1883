"""Whatever a shopper types is words, never syntax: properties of every body over any text."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from query_plans import OFFICIAL, PORTABLE, RECALL, VECTOR, parts, plan, walk

from api.model import MAX_QUERY
from api.query.highlight import MARK_END, MARK_START, page_body
from api.query.words import MAX_WORDS, WORD
from stack.capabilities import Capabilities

SYNTAX = {"query_string", "simple_query_string", "regexp", "wildcard", "prefix", "fuzzy", "script", "script_score"}
# The clauses whose `query` is words, and the only other place for them: keys of model numbers.
WORD_CLAUSES = {"multi_match", "match", "match_phrase", "highlight_query"}
MARKED = "zqxjk"
LUCENE = 'title:(a OR b) AND "x"~2 /re/ * ? \\ [1 TO 5} +must -not ^4 {{mustache}} ${prefix} $language'

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=MAX_QUERY)
nasty = st.lists(
    st.sampled_from(
        [*LUCENE.split(), "a-b", "ﷺ", "吉", "\x00", "\ue000", "\u200b", "\n", "😀", "dv7-1211ea", '"', "ps4"]
    )
).map(lambda words: " ".join(words)[:MAX_QUERY])
capabilities = st.sampled_from([PORTABLE, OFFICIAL])
quick = hypothesis_settings(deadline=None, max_examples=60)


def bodies(q: str, can: Capabilities, **fields: Any) -> list[dict[str, Any]]:
    """All bodies that a search of `q` sends."""
    made = plan(q=q, can=can, **fields)
    recall = [each.body for each in RECALL.parts(made, VECTOR if made.wants_vector else None)]
    return recall + [page_body(["1"], kind, made.words.text, made.language) for kind in made.kinds]


@quick
@given(text | nasty, capabilities)
@example(LUCENE, PORTABLE)
@example("ﷺ" * MAX_QUERY, OFFICIAL)
@example("吉" * MAX_QUERY, PORTABLE)
@example("a-" * (MAX_QUERY // 2), PORTABLE)
def test_bodies_are_json_bounded_and_the_same_each_time(q: str, can: Capabilities) -> None:
    first = bodies(q, can)
    for body in first:
        encoded = orjson.dumps(body)
        assert len(encoded) <= 100_000
        assert json.loads(encoded) == body
    assert bodies(q, can) == first


@quick
@given(text | nasty, capabilities)
@example(LUCENE, PORTABLE)
@example(LUCENE, OFFICIAL)
def test_no_clause_that_reads_syntax(q: str, can: Capabilities) -> None:
    keys = {path[-1] for body in bodies(q, can) for path, _ in walk(body) if path}
    assert keys.isdisjoint(SYNTAX)


@quick
@given(nasty | text.map(lambda q: q[:400]), capabilities)
def test_words_are_values_of_match_clauses_only(q: str, can: Capabilities) -> None:
    """A marked word is followed through every body: it is the `query` of a match clause, or a term of model keys."""
    for body in bodies(f"{MARKED} {MARKED}4711 {q}"[:MAX_QUERY], can):
        for path, leaf in walk(body):
            assert not any(MARKED in key for key in path)
            if isinstance(leaf, str) and MARKED in leaf:
                is_words = path[-1] == "query" and not WORD_CLAUSES.isdisjoint(path)
                assert is_words or path[-2:] == ("terms", "model_keys"), path


@quick
@given(text | nasty)
def test_the_searched_text_is_clean_and_bounded(q: str) -> None:
    searched = plan(q=q).words.text
    assert len(searched) <= MAX_QUERY
    assert len(WORD.findall(searched)) <= MAX_WORDS
    assert searched == " ".join(searched.split())
    assert not {MARK_START, MARK_END, "\x00", "\u200b"} & set(searched)
    assert plan(q=searched).words.text == searched, "cleaning twice changes nothing"


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("  HP\t\n DV7 ", "HP DV7"),
        ("ｗｉｒｅｌｅｓｓ　ｍｏｕｓｅ", "wireless mouse"),
        ("zero\u200bwidth", "zerowidth"),
        ("\ue000<b>mark\ue001", "<b>mark"),
        ("ﬁne", "fine"),
        ("\x00\x01", ""),
        (LUCENE, LUCENE),
        (" ".join(f"w{n}" for n in range(100)), " ".join(f"w{n}" for n in range(MAX_WORDS))),
        ("吉" * 100, "吉" * MAX_WORDS),
    ],
)
def test_cleaned_words(q: str, expected: str) -> None:
    assert plan(q=q).words.text == expected


@pytest.mark.parametrize(("compounds", "slop"), [(0, 1), (6, 1), (7, 0), (40, 0)])
def test_many_compounds_are_searched_without_slop(compounds: int, slop: int) -> None:
    """With slop the engine tries every combination of joined and split compounds, and refuses 2^10 of them."""
    q = " ".join([*(f"a{n}-b" for n in range(compounds)), "plain"])
    phrases = [clause for body in bodies(q, PORTABLE) for clause in find(body, "match_phrase")]
    assert {phrase["title"]["slop"] for phrase in phrases} == {slop}


def find(node: Any, name: str) -> list[Any]:
    """All clauses of a name."""
    if isinstance(node, list):
        return [found for item in node for found in find(item, name)]
    if not isinstance(node, dict):
        return []
    here = [node[name]] if name in node else []
    return here + [found for value in node.values() for found in find(value, name)]


@quick
@given(nasty)
def test_debug_bodies_differ_from_sent_ones_in_nothing_but_vectors(q: str) -> None:
    from api.dev_tools import dev_tools_entry, shorten_vectors

    for each in parts(q=q, vector=[0.25] * 384):
        entry = dev_tools_entry("title", each.index, each.body)
        assert json.loads(entry["dev_tools"].split("\n", 2)[2]) == each.body
        shown = shorten_vectors(each.body)
        assert len(orjson.dumps(shown)) < 100_000
        if each.purpose != "vector":
            assert shown == each.body
