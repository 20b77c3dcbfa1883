"""A sample of queries before the new index may take over: are documents found by their titles and their vectors?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingest.reindex.rules import ReindexRules
from ingest.reindex.shards import Shards
from stack.embedding.stored import VECTOR_FIELD, WITH_VECTOR, vector_of
from stack.errors import SoukError

DEPTH = 10
# The engine's score of a vector with itself is (1 + 1) / 2; floats of a stored vector cost the last digits.
ITSELF = 0.999
SEED = 7


@dataclass(frozen=True)
class Finding:
    """Of a sample: found in the first ten by their titles in either index, near themselves by vector in the new one.

    `alike`: the mean share of the first ten by title that both indexes have.
    """

    sample: int
    old_by_title: int
    new_by_title: int
    alike: float
    with_vector: int
    by_vector: int


def look(source: Shards, target: Shards, vectors: bool, size: int) -> Finding:
    """Ask both indexes for a sample of the documents that both have."""
    titles = _sample(source, size)
    titles = {id_: title for id_, title in titles.items() if id_ in _there(target, list(titles))}
    old, new = _by_title(source, titles), _by_title(target, titles)
    pairs = [(set(old[id_]), set(new[id_])) for id_ in titles]
    alike = [len(left & right) / max(len(left | right), 1) for left, right in pairs]
    known = _vectors(target, list(titles)) if vectors else {}
    near = _near_itself(target, known)
    return Finding(
        len(titles),
        sum(id_ in old[id_] for id_ in titles),
        sum(id_ in new[id_] for id_ in titles),
        sum(alike) / len(alike) if alike else 1.0,
        len(known),
        near,
    )


def judge(name: str, finding: Finding, rules: ReindexRules) -> None:
    """Raise SoukError when the new index finds too little."""
    lost = finding.old_by_title - finding.new_by_title
    if lost > rules.title_loss * finding.sample:
        raise _poor(name, f"by their titles it finds {finding.new_by_title} of {finding.sample} documents, "
                          f"the old index {finding.old_by_title}")  # fmt: skip
    if finding.by_vector < rules.vector_found * finding.with_vector:
        raise _poor(name, f"by their own vectors it finds {finding.by_vector} of {finding.with_vector} documents")


def _poor(name: str, what: str) -> SoukError:
    return SoukError(
        f"{name} was not put in use: {what}",
        "Correct mappings/ (or the numbers in mappings/reindex.yml, with a reason) and run this again; "
        "souk reindex TYPE --abandon removes what was built",
    )


def _sample(index: Shards, size: int) -> dict[str, str]:
    chance = {"function_score": {"random_score": {"seed": SEED, "field": "_seq_no"}}}
    body = {"size": size, "_source": ["title"], "query": chance}
    hits = index.ask(lambda: index.client.search(index=index.index, body=body))["hits"]["hits"]
    return {hit["_id"]: hit["_source"].get("title", "") for hit in hits}


def _there(index: Shards, ids: list[str]) -> set[str]:
    body = {"size": len(ids), "_source": False, "query": {"ids": {"values": ids}}}
    return {hit["_id"] for hit in _hits(index, [body])[0]} if ids else set()


def _by_title(index: Shards, titles: dict[str, str]) -> dict[str, list[str]]:
    bodies = [{"size": DEPTH, "_source": False, "query": {"match": {"title": title}}} for title in titles.values()]
    return {id_: [hit["_id"] for hit in hits] for id_, hits in zip(titles, _hits(index, bodies), strict=True)}


def _vectors(index: Shards, ids: list[str]) -> dict[str, list[float]]:
    body = {"size": len(ids), "_source": False, "query": {"ids": {"values": ids}}} | WITH_VECTOR
    found = {hit["_id"]: vector_of(hit) for hit in _hits(index, [body])[0]} if ids else {}
    return {id_: vector for id_, vector in found.items() if vector is not None}


def _near_itself(index: Shards, vectors: dict[str, list[float]]) -> int:
    bodies = [
        {"size": 1, "_source": False, "query": {"knn": {VECTOR_FIELD: {"vector": vector, "k": DEPTH}}}}
        for vector in vectors.values()
    ]
    return sum(bool(hits) and hits[0]["_score"] >= ITSELF for hits in _hits(index, bodies))


def _hits(index: Shards, bodies: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The hits of each search. Raises SoukError for one that the engine refuses."""
    if not bodies:
        return []
    lines = [line for body in bodies for line in ({"index": index.index}, body)]
    answers = index.ask(lambda: index.client.msearch(body=lines))["responses"]
    for answer in answers:
        if "error" in answer:
            raise SoukError(f"{index.index} fails a search: {answer['error'].get('reason')}", "Correct mappings/")
    return [answer["hits"]["hits"] for answer in answers]
