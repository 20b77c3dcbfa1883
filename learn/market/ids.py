"""Ids of the market: a running number, and four digits of the seed so that two markets do not overwrite each other."""

from __future__ import annotations

from learn.market.text import stream


def identifier(seed: int, letter: str, index: int) -> str:
    """`p-00042-7f3a`: unique within a kind by its number."""
    return f"{letter}-{index + 1:05d}-{stream(seed, 'id', letter, index).getrandbits(16):04x}"
