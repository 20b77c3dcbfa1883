"""The mixed row: the candidates of each kind → one row. A fair default until it is learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.fuse import Candidate
from stack.documents import KINDS, Kind
from stack.rules import BlendRules


def blend(
    candidates: Mapping[Kind, Sequence[Candidate]], affinity: Mapping[Kind, float], rules: BlendRules
) -> list[Candidate]:
    """Fill each place from the kind that is furthest behind its share; within a kind the order stays.

    `affinity` (0 to 1) says how well the best of a kind fit the query beside those of the other kinds: it scales the
    share. A kind below `rules.gate`, and of the other kinds the hits that score less than `rules.least` of their best,
    come only after everything that fits; what was found behind the window comes last. So the row of a longer page
    starts with the row of a shorter one. (Largest-deficit apportionment, as in Webster/Sainte-Laguë seat filling.)
    """
    near = {kind: [item for item in candidates.get(kind, ()) if not item.behind] for kind in KINDS}
    behind = {kind: [item for item in candidates.get(kind, ()) if item.behind] for kind in KINDS}
    fitting = {kind: found for kind, found in near.items() if found and _share(kind, affinity, rules)}
    shares = {kind: _share(kind, affinity, rules) for kind in fitting}
    heads = {kind: _head(found, rules.least) for kind, found in fitting.items()}
    tails = {kind: found[len(heads[kind]) :] for kind, found in fitting.items()}
    others = [item for kind in KINDS if kind not in fitting for item in near[kind]]
    return _fill(heads, shares) + _fill(tails, shares) + others + _fill(behind, rules.shares)


def _head(found: Sequence[Candidate], least: float) -> Sequence[Candidate]:
    """The hits down to the first that scores less than `least` of the best."""
    enough = found[0].score * least
    return found[: next((place for place, item in enumerate(found) if item.score < enough), len(found))]


def _share(kind: Kind, affinity: Mapping[Kind, float], rules: BlendRules) -> float:
    fit = affinity.get(kind, 1.0)
    return rules.shares[kind] * fit if fit >= rules.gate else 0.0


def _fill(queues: Mapping[Kind, Sequence[Candidate]], shares: Mapping[Kind, float]) -> list[Candidate]:
    row: list[Candidate] = []
    placed = dict.fromkeys(queues, 0)
    while open_kinds := [kind for kind in queues if placed[kind] < len(queues[kind])]:
        kind = max(open_kinds, key=lambda each: shares[each] / (2 * placed[each] + 1))
        row.append(queues[kind][placed[kind]])
        placed[kind] += 1
    return row


def merge_sorted(candidates: Mapping[Kind, Sequence[Candidate]], descending: bool) -> list[Candidate]:
    """One row by the sort value, for orders other than relevance. Missing values last; ties by id."""
    everything = [item for kind in KINDS for item in candidates.get(kind, ())]
    known = [item for item in everything if item.sort and item.sort[0] is not None]
    unknown = [item for item in everything if not item.sort or item.sort[0] is None]
    known.sort(key=lambda item: (item.kind, item.id))
    known.sort(key=lambda item: float(item.sort[0] or 0), reverse=descending)
    return known + sorted(unknown, key=lambda item: (item.kind, item.id))
