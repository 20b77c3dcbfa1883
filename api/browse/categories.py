"""The tree of categories with counts, from the paths that documents have. Whatever they hold, the tree ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api.browse.model import Categories, Category
from api.engine import Deadline, multi_search, preference_of
from stack.documents import CATEGORY_SEPARATOR, Kind

if TYPE_CHECKING:
    from api.search import Searcher

MOST_PATHS = 10_000
DEEPEST = 8  # as documents are checked (`documents.Document.category`); what is deeper comes from elsewhere
PATHS = "paths"


async def categories(searcher: Searcher, kinds: Sequence[Kind]) -> Categories:
    """The tree of all documents of `kinds`. Raises as a search does."""
    body = {
        "size": 0,  # such searches are cached by the shard
        "track_total_hits": False,
        "aggs": {PATHS: {"terms": {"field": "category_path", "size": MOST_PATHS}}},
    }
    answers = await multi_search(
        searcher.client,
        [(searcher.recall.indexes[kind], body) for kind in kinds],
        Deadline(searcher.deadline_s),
        preference=preference_of(PATHS),
    )
    return tree({kind: _counts(answer) for kind, answer in zip(kinds, answers, strict=True)})


def _counts(answer: dict[str, Any]) -> dict[str, int]:
    return {str(each["key"]): each["doc_count"] for each in answer["aggregations"][PATHS]["buckets"]}


@dataclass
class _Node:
    path: tuple[str, ...]
    counts: dict[Kind, int] = field(default_factory=dict)
    children: dict[str, _Node] = field(default_factory=dict)


def tree(counts: Mapping[Kind, Mapping[str, int]]) -> Categories:
    """`{"product": {"Audio": 3, "Audio > Headphones": 2}}` → Audio (3) with Headphones (2) below it.

    A name stands where its path says, so one that comes again below itself is another node, and no path is longer than
    eight names. A parent that no document names has what its children have.
    """
    root = _Node(())
    for kind, paths in counts.items():
        for value, count in paths.items():
            names = tuple(name.strip() for name in value.split(CATEGORY_SEPARATOR))
            if len(names) <= DEEPEST and all(names):
                node = root
                for depth, name in enumerate(names, start=1):
                    node = node.children.setdefault(name, _Node(names[:depth]))
                node.counts[kind] = max(count, node.counts.get(kind, 0))
    return Categories(categories=_below(root))


def _below(node: _Node) -> list[Category]:
    """As deep as the paths are, which is eight at most."""
    done = []
    for name, child in node.children.items():
        below = _below(child)
        counts = dict(child.counts)
        for kind in {kind for one in below for kind in one.counts}:
            counts.setdefault(kind, sum(one.counts.get(kind, 0) for one in below))
        done.append(
            Category(
                name=name,
                path=list(child.path),
                value=CATEGORY_SEPARATOR.join(child.path),
                count=sum(counts.values()),
                counts=dict(sorted(counts.items())),
                children=below,
            )
        )
    return sorted(done, key=lambda one: (-one.count, one.name))
