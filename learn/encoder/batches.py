"""Pairs → batches. The other documents of a batch are taken to be wrong for an anchor: those that fit are kept out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from random import Random

from learn.encoder.pairs import Pair, words_of
from learn.encoder.rules import FAMILIES, Family

# Pairs that are looked through for one that fits in the batch, before it is closed as it is.
LOOK_AHEAD = 512


def batches(pairs: Sequence[Pair], size: int, shares: Mapping[Family, float], seed: int) -> Iterator[list[Pair]]:
    """Batches without end, each of one family, families in proportion to their shares; the same for the same seed.

    No text of a batch holds all the words of another pair's anchor, nor does an anchor: what answers "hp toner" is no
    negative of "toner".
    """
    random = Random(seed)  # noqa: S311
    roads = {
        family: _of_one_family(own, size, random.randrange(1 << 30))
        for family in FAMILIES
        if shares.get(family, 0) > 0 and (own := [pair for pair in pairs if pair.family == family])
    }
    families = list(roads)
    while families:
        family = random.choices(families, [shares[name] for name in families])[0]
        yield next(roads[family])


def _of_one_family(pairs: Sequence[Pair], size: int, seed: int) -> Iterator[list[Pair]]:
    """Epoch after epoch, each shuffled anew. What clashes waits for the next batch."""
    random = Random(seed)  # noqa: S311
    queue: deque[Pair] = deque()
    while True:
        if len(queue) < LOOK_AHEAD:
            queue.extend(random.sample(pairs, len(pairs)))
        yield _take(queue, size)


def _take(queue: deque[Pair], size: int) -> list[Pair]:
    batch: list[Pair] = []
    anchors: list[frozenset[str]] = []
    texts: list[frozenset[str]] = []
    waiting: list[Pair] = []
    while queue and len(batch) < size and len(waiting) < LOOK_AHEAD:
        pair = queue.popleft()
        anchor = words_of(pair.anchor)
        own = [words_of(text) for text in (pair.anchor, pair.positive, pair.negative) if text]
        if any(anchor <= text for text in texts) or any(known <= text for known in anchors for text in own):
            waiting.append(pair)
            continue
        batch.append(pair)
        anchors.append(anchor)
        texts += own
    queue.extendleft(reversed(waiting))
    return batch
