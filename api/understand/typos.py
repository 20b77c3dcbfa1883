"""How likely a word was a slip for another: an edit distance whose edits cost what they are worth (nats).

A noisy channel: P(meant | typed) ∝ P(meant) · P(typed | meant) (Kernighan, Church and Gale, COLING 1990).
"""

from __future__ import annotations

from collections.abc import Mapping

from api.understand.step_rules import Slip

VOWELS = frozenset("aeiouy")
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _neighbours() -> frozenset[tuple[str, str]]:
    """Keys next to each other, in a row or one below the other."""
    places = {key: (x + y * 0.5, y) for y, row in enumerate(ROWS) for x, key in enumerate(row)}
    return frozenset(
        (a, b)
        for a, (x, y) in places.items()
        for b, (u, v) in places.items()
        if a != b and abs(x - u) <= 1 and abs(y - v) <= 1
    )


NEIGHBOURS = _neighbours()


def slip_cost(typed: str, meant: str, costs: Mapping[Slip, float]) -> float:
    """The cheapest way from `meant` to `typed`, in nats: optimal string alignment with weights."""
    table = [[0.0] * (len(typed) + 1) for _ in range(len(meant) + 1)]
    for i in range(len(meant) + 1):
        for j in range(len(typed) + 1):
            if i or j:
                table[i][j] = min(_ways(table, typed, meant, i, j, costs))
    first = costs["first_letter"] if typed[:1] != meant[:1] else 0.0
    return table[-1][-1] + first


def _ways(table: list[list[float]], typed: str, meant: str, i: int, j: int, costs: Mapping[Slip, float]) -> list[float]:
    ways = []
    if i:  # a letter was left out
        doubled = i > 1 and meant[i - 1] == meant[i - 2]
        ways.append(table[i - 1][j] + costs["double" if doubled else "leave_out"])
    if j:  # a letter too many
        doubled = j > 1 and typed[j - 1] == typed[j - 2]
        ways.append(table[i][j - 1] + costs["double" if doubled else "insert"])
    if i and j:
        ways.append(table[i - 1][j - 1] + _key_cost(meant[i - 1], typed[j - 1], costs))
    if i > 1 and j > 1 and meant[i - 1] == typed[j - 2] and meant[i - 2] == typed[j - 1]:
        ways.append(table[i - 2][j - 2] + costs["swap"])
    return ways


def _key_cost(meant: str, typed: str, costs: Mapping[Slip, float]) -> float:
    if meant == typed:
        return 0.0
    if (meant, typed) in NEIGHBOURS:
        return costs["neighbour_key"]
    return costs["vowel" if meant in VOWELS and typed in VOWELS else "other_key"]
