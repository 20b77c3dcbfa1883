"""Searching within a facet: its values that contain some letters, counted under the words and filters of a search.

The engine keeps values as they are written, so it is asked with a pattern that allows each letter's cases and accents;
what it finds is then compared letter by letter, which also holds for values that the pattern lets through.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from api.browse.model import FacetChoice, FacetChoices
from api.engine import Deadline, multi_search, preference_of
from api.model import SearchRequest
from api.query.facets import aggregation_name, escaped, facet_aggregation, facet_value
from api.query.fields import ATTRIBUTE, Field
from api.query.plan import Plan
from api.understand.vocabulary import fold
from stack.documents import CATEGORY_SEPARATOR, Kind
from stack.errors import InputError, Mistake

if TYPE_CHECKING:
    from api.search import Searcher

MOST_VALUES = 100
LONGEST = 100  # letters that are compared
PATTERN_ROOM = 600  # characters: the engine refuses patterns of more than 1,000, and an attribute's name is in it too
HANGUL = ("\u1100", "\u11ff")
MARKS = "[̀-ͯ]*"
# What stands for a run of signs, and for a run of Korean letters. Runs, not places: the engine turns the pattern into a
# table of all the places where a value could be, and `a` with thirty single places behind it has a thousand million.
SIGNS, SYLLABLES = ".+", ".*"
SPARE = 4  # values asked for beside those wanted, where the pattern is looser than the comparison


async def facet_values(searcher: Searcher, request: SearchRequest, name: str, contains: str, size: int) -> FacetChoices:
    """At most `size` values of a facet, the most frequent first; its own filter does not count.

    Raises InputError that names an unknown field, else as a search does.
    """
    field = _facet(searcher, request, name)
    plan = searcher.plan(request.model_copy(update={"facets": []}))
    wanted = fold(contains[:LONGEST]).strip()
    kinds = [kind for kind in plan.kinds if kind in field.kinds]
    parts = [(searcher.recall.indexes[kind], _body(searcher, plan, kind, field, wanted, size)) for kind in kinds]
    answers = await multi_search(
        searcher.client, parts, Deadline(searcher.deadline_s), preference=preference_of(plan.words.text)
    )
    counts: dict[str | bool | float, int] = {}
    for answer in answers:
        for bucket in answer["aggregations"][aggregation_name(name)]["buckets"]:
            value = facet_value(field, bucket)
            counts[value] = counts.get(value, 0) + int(bucket["doc_count"])
    found = [FacetChoice(value=value, label=label_of(field, value), count=count) for value, count in counts.items()]
    fitting = [one for one in found if wanted in fold(one.label)]
    return FacetChoices(field=name, values=sorted(fitting, key=lambda one: (-one.count, one.label))[:size])


def _facet(searcher: Searcher, request: SearchRequest, name: str) -> Field:
    field = searcher.fields.find(name)
    if field is None or not field.facet or not set(field.kinds) & set(request.types):
        known = (*(each.name for each in searcher.fields.facets(request.types)), "attr.<name>")
        raise InputError([Mistake("field", f"no such facet: {name}", known)])
    return field


def _body(searcher: Searcher, plan: Plan, kind: Kind, field: Field, wanted: str, size: int) -> dict[str, Any]:
    body = searcher.recall.facet_body(plan, kind, field.name)
    aggregation = facet_aggregation(field, size * SPARE if wanted else size)
    if wanted and field.type in ("term", "hierarchy"):
        aggregation["terms"]["include"] = f"{_before(field)}.*{pattern(wanted)}.*"
    return body | {"aggs": {aggregation_name(field.name): aggregation}}


def _before(field: Field) -> str:
    return escaped(f"{field.label}=") if field.name.startswith(ATTRIBUTE) else ""


def label_of(field: Field, value: str | bool | float) -> str:
    """The last name of a path, and any other value as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).rsplit(CATEGORY_SEPARATOR, 1)[-1] if field.type == "hierarchy" else str(value)


def pattern(wanted: str) -> str:
    """A pattern of the engine that all values with these letters fit, and few others: `Étui` fits that of `etui`.

    As many letters as there is room for; what comes behind them is left to the comparison.
    """
    done = ""
    for char in wanted:
        part = _part(char)
        if part in (SIGNS, SYLLABLES) and done.endswith(part):
            continue
        if len(done) + len(part) > PATTERN_ROOM:
            break
        done += part
    return done


def _part(char: str) -> str:
    if others := written(char):
        return f"[{others}]{MARKS}"
    if HANGUL[0] <= char <= HANGUL[1]:  # the index has whole syllables, of two or three such letters
        return SYLLABLES
    return char if char.isalnum() else SIGNS


@cache
def _table() -> dict[str, str]:
    """Folded letter → all letters that fold to it, in the scripts that have cases or accents."""
    table: dict[str, list[str]] = {}
    for code in (*range(0x41, 0x2000), *range(0x3040, 0x3100), *range(0xFF01, 0xFF5F)):
        char = chr(code)
        folded = fold(char)
        if char.isalnum() and len(folded) == 1 and folded != char:
            table.setdefault(folded, [folded]).append(char)
    return {folded: "".join(dict.fromkeys(chars)) for folded, chars in table.items()}


def written(char: str) -> str:
    """All the ways to write a folded letter, `e` → `eEÈÉ…`; empty for one that is written in one way only."""
    return _table().get(char, "")
