"""What the browsing shop has beside the catalogue: variants, odd categories, profiles and searches of others."""

from __future__ import annotations

from typing import Any

from catalogue import ACCESSORIES, LAPTOPS, ago

from stack.documents import Creator, Document, Live, Product, Seller, Video

LOOP = ("Round", "About", "Round", "About", "Round", "About", "Round", "About")
HOSTILE = "<img src=x onerror=alert(1)> mouse"


def _mouse(id_: str, **fields: Any) -> Product:
    title = f"Chèdder wireless mouse, {fields.get('attributes', {}).get('colour', 'plain')}"
    return Product(
        **({"id": id_, "title": title, "brand": "Chèdder", "category": (*ACCESSORIES, "Mice"), "price": 20,
            "currency": "EUR", "stock": 5, "updated_at": ago(days=1)} | fields)
    )  # fmt: skip


EXTRA: list[Document] = [
    _mouse("mouse-red", group_id="m1", attributes={"colour": "Red"}, sales=700),
    _mouse("mouse-blue", group_id="m1", attributes={"colour": "Blue"}, sales=600),
    _mouse("mouse-gone", stock=0),
    _mouse("mouse-rival-1", title="Rival wireless mouse, black", group_id="m2", brand="Rival", price=22),
    _mouse("mouse-rival-2", title="Rival wireless mouse, white", group_id="m2", brand="Rival", price=22),
    _mouse("mouse-dear", title="Golden wireless mouse", brand="Aurum", price=2000),
    _mouse("mouse-arabic", title="فأرة لاسلكية", brand="ضوء", category=("إلكترونيات",)),
    _mouse("mouse-cjk", title="无线鼠标 静音", brand="小鼠", category=("电子",)),
    _mouse("mouse-hostile", title=HOSTILE, brand="<b>Evil</b>"),
    Product(id="loop", title="A thing that goes round", category=LOOP, updated_at=ago(days=1)),
    Video(id="mouse-video", title="A week with a keyboard", creator_id="mona", creator_name="Mona Wise", views=9,
          products=({"id": "mouse-red"},), updated_at=ago(days=1)),  # type: ignore[arg-type]
    Live(id="mouse-live", title="Something else entirely", status="live", host_name="Dee", products=("mouse-red",),
         heartbeat_at=ago(seconds=10), updated_at=ago(days=1)),
    Product(id="bag", title="Laptop bag", brand="Case Logic", category=LAPTOPS[:1], stock=2, updated_at=ago(days=1)),
]  # fmt: skip
PROFILES: list[Document] = [
    Creator(id="mona", title="Mona Wise", followers=5_000, updated_at=ago(days=1)),
    Seller(id="acme", title="Acme", sales=500, updated_at=ago(days=1)),
]
SEARCHES = {  # words: (times, shoppers, days ago, attributes)
    "Laptop Stand": (6, 3, 2, {}),
    "laptop stand": (3, 3, 2, {}),
    "laptop of ann.smith@example.org": (9, 5, 2, {}),
    "laptop 0151 234 567 89": (9, 5, 2, {}),
    "laptop nobody else typed": (9, 1, 2, {}),
    "laptop twice": (2, 2, 2, {}),
    "laptop long ago": (9, 5, 200, {}),
    "laptop without results": (9, 5, 2, {"has_results": False}),
    "laptp": (9, 5, 2, {"corrected": True}),
    "laptop\x07bell": (9, 5, 2, {}),
    "laptop <script>alert(1)</script>": (3, 3, 2, {}),
}


def searches() -> list[dict[str, Any]]:
    """The records of `SEARCHES`."""
    return [
        {
            "user_query": words,
            "client_id": f"shopper-{time % shoppers}",
            "timestamp": ago(days=days).isoformat(),
            "query_attributes": {"has_results": True, "page": 1} | attributes,
        }
        for words, (times, shoppers, days, attributes) in SEARCHES.items()
        for time in range(times)
    ]
