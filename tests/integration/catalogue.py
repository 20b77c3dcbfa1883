"""A shop small enough to know by heart, written to the engine as ingestion writes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from opensearchpy.helpers import bulk

from api.model import Answer, SearchRequest
from api.search import Searcher
from stack.client import connect
from stack.documents import Document, Live, Product, Video, index_body
from stack.embedding import Encoder
from stack.embedding.text import document_text
from stack.settings import Settings

# The searcher's clock stands still here: heartbeats are fresh or stale by this time.
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LAPTOPS = ("Computers", "Laptops")
ACCESSORIES = ("Computers", "Accessories")
SOCKS = 33


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


def _product(id_: str, title: str, **fields: Any) -> Product:
    return Product(id=id_, title=title, updated_at=fields.pop("updated_at", ago(days=9)), **fields)


PRODUCTS = [
    _product(
        "dv7", "HP Pavilion dv7-1211ea laptop", brand="HP", model="DV7-1211EA", category=LAPTOPS, price=599, stock=3,
        rating=4.5, sales=900, attributes={"colour": "Black", "screen inch": 17.0, "touch": False},
        gtin=("5050083023455",), created_at=ago(days=30), currency="EUR", seller_name="Acme",
    ),
    _product(
        "dv6", "HP Pavilion dv6-1215sa laptop", brand="HP", category=LAPTOPS, price=499, stock=0, rating=4.0, sales=300,
        attributes={"colour": "Silver", "screen inch": 15.6, "touch": True}, created_at=ago(days=10), currency="EUR",
    ),
    _product(
        "ideapad", "Lenovo IdeaPad laptop", brand="Lenovo", category=LAPTOPS, price=399.5, stock=8, rating=3.5,
        sales=100, attributes={"colour": ("Black", "Blue")}, created_at=ago(days=5), currency="EUR",
    ),
    _product(
        "sleeve", "Laptop sleeve, fits the HP Pavilion dv7 1211 and dv6", brand="Case Logic", category=ACCESSORIES,
        price=19.9, stock=10, sales=50, attributes={"colour": "Black"}, created_at=ago(days=2), currency="EUR",
    ),
    _product(
        "mouse", "Logitech M185 wireless mouse", brand="Logitech", category=(*ACCESSORIES, "Mice"), price=14.9, sales=20
    ),
    _product("kettle", "Bosch kettle, 1.7 l", brand="Bosch", category=("Home", "Kitchen"), price=39, sales=10, stock=1),
    _product("vase", "Ceramic vase"),
    _product("haus", "Kleine Häuser aus Holz", language="de", category=("Spielzeug",), price=25),
]  # fmt: skip
# Thirty-three of a kind, for pages.
PRODUCTS += [
    _product(f"sock{n:02}", f"Cotton socks, pattern number {n}", brand="Feet", category=("Fashion",), price=5 + n % 4)
    for n in range(SOCKS)
]
VIDEOS = [
    Video(
        id="unboxing", title="Unboxing the HP Pavilion laptop", creator_name="Ann", hashtags=("#laptop",), views=1_000,
        duration_s=65, category=LAPTOPS, published_at=ago(days=1), updated_at=ago(days=1),
    ),
    Video(
        id="descale", title="How to descale a kettle", creator_name="Bo", views=50_000, duration_s=240,
        transcript="Pour vinegar into the kettle", published_at=ago(days=20), updated_at=ago(days=20),
    ),
    Video(id="repair", title="Laptop repair at home", creator_name="Cy", views=10, updated_at=ago(days=3)),
]  # fmt: skip
LIVES = [
    Live(
        id="on", title="Laptop night: deals live", status="live", host_name="Dee", viewers=50, category=LAPTOPS,
        heartbeat_at=ago(seconds=30), products=("dv7",), updated_at=ago(minutes=1),
    ),
    Live(
        id="stale", title="Laptop morning show", status="live", host_name="Ed", viewers=90_000,
        heartbeat_at=ago(seconds=121), updated_at=ago(hours=1),
    ),
    Live(id="over", title="Kettle show", status="ended", host_name="Flo", viewers=70_000, updated_at=ago(days=2)),
    Live(
        id="soon", title="Sock show", status="scheduled", host_name="Gus", followers=10,
        scheduled_at=NOW + timedelta(hours=2), updated_at=ago(hours=3),
    ),
]  # fmt: skip
DOCUMENTS: list[Document] = [*PRODUCTS, *VIDEOS, *LIVES]
# A missing modality is normal: these have no vector.
WITHOUT_VECTOR = {"repair", "vase", "mouse"}


def write(settings: Settings, encoder: Encoder, documents: Sequence[Document] = DOCUMENTS) -> None:
    """Index the documents with their vectors, ready to be searched."""
    vectors = encoder.encode_documents([document_text(document) for document in documents])
    actions = []
    for document, vector in zip(documents, vectors, strict=True):
        body = index_body(document)
        if document.id not in WITHOUT_VECTOR:
            body["text_vector"] = vector.tolist()
        actions.append({"_index": settings.alias(document.kind), "_id": document.id, **body})
    with connect(settings) as client:
        bulk(client, actions, refresh=True)


async def ask(searcher: Searcher, **request: Any) -> Answer:
    """Search by the fields of a request."""
    return await searcher.search(SearchRequest(**request))


def ids(answer: Answer) -> list[str]:
    """The ids of a page, in its order."""
    return [hit.id for hit in answer.hits]
