"""The listings by category and type, for those who show products: videos and lives."""

from __future__ import annotations

from collections import defaultdict
from random import Random

from learn.market.products import Listing

SAMPLE = 5_000


class Catalogue:
    """Draws listings: a type first, evenly, then a listing in which what sells is seen more often.

    It holds all that it is given, so that it is given the first `SAMPLE` listings of a market, however large.
    """

    def __init__(self, listings: list[Listing]) -> None:
        self._types: dict[str, dict[str, list[Listing]]] = defaultdict(lambda: defaultdict(list))
        for listing in listings:
            self._types[listing.category.category][listing.type.type].append(listing)

    @property
    def categories(self) -> list[str]:
        """Top categories that hold at least one listing."""
        return list(self._types)

    def category(self, wanted: tuple[str, ...], random: Random) -> str:
        """One of the wanted categories; any other when a small market holds none of them."""
        return random.choice([name for name in wanted if name in self._types] or self.categories)

    def anchor(self, category: str, random: Random) -> Listing:
        """The listing that a video or a live is about."""
        listings = self._types[category][random.choice(list(self._types[category]))]
        return random.choices(listings, [_pull(listing) for listing in listings])[0]

    def others(self, anchor: Listing, random: Random, whole_category: bool = False) -> list[Listing]:
        """Listings of the same type (or category) in random order, one for each model, without the anchor's own."""
        types = self._types[anchor.category.category]
        pool = [x for name in types if whole_category or name == anchor.type.type for x in types[name]]
        random.shuffle(pool)
        models = {listing.model: listing for listing in pool if listing.model != anchor.model}
        return list(models.values())


def _pull(listing: Listing) -> float:
    """The square root of sales: known goods are shown more, though not in proportion."""
    return float((1 + listing.record["sales"]) ** 0.5)
