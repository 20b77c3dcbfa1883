"""Documents as the index stores them: three kinds, with and without each optional field, and one that is hostile."""

from __future__ import annotations

from typing import Any

from stack.documents import Kind

WHEN = "2025-10-01T12:00:00+00:00"


def product(number: int, title: str, category: str, **fields: Any) -> tuple[Kind, dict[str, Any]]:
    base = {"id": f"p{number}", "title": title, "category": category.split(" > "), "updated_at": WHEN}
    return "product", base | fields


def video(number: int, title: str, category: str, **fields: Any) -> tuple[Kind, dict[str, Any]]:
    base = {"id": f"v{number}", "title": title, "category": category.split(" > "), "updated_at": WHEN}
    return "video", base | fields


def live(number: int, title: str, category: str, **fields: Any) -> tuple[Kind, dict[str, Any]]:
    base = {"id": f"l{number}", "title": title, "category": category.split(" > "), "updated_at": WHEN}
    return "live", base | fields


def eur(price: float, list_price: float | None = None) -> dict[str, Any]:
    return {"price": price, "currency": "EUR"} | ({"list_price": list_price} if list_price else {})


MICE, SOUND, LAPTOPS = "Electronics > Mice", "Electronics > Audio > Headphones", "Electronics > Laptops"
HOSTILE = "<script>alert('x')</script> & \"quoted\" mouse"

DOCUMENTS: list[tuple[Kind, dict[str, Any]]] = [
    product(
        1,
        "Logi M185 Wireless Mouse, plug and play, 12 months battery",
        MICE,
        brand="Logi",
        **eur(12.9, 18.99),
        rating=4.6,
        rating_count=18234,
        stock=212,
        seller_name="Bright Desk",
    ),
    live(
        1,
        "Desk setup live: mice, keyboards and cable magic",
        MICE,
        status="live",
        host_name="Nora at Bright Desk",
        viewers=4321,
        followers=98000,
        products=["p1", "p2"],
    ),
    product(
        2,
        "Pro Ergonomic Vertical Wireless Mouse",
        MICE,
        brand="Ankor",
        **eur(34.5),
        rating=4.2,
        rating_count=940,
        stock=3,
        seller_name="Ergo Works",
    ),
    video(
        1,
        "I tried five wireless mice under €20 so you don't have to",
        MICE,
        creator_name="Tiny Tech Tests",
        duration_s=65,
        views=1_240_000,
        published_at="2025-08-14T09:00:00+00:00",
        products=[{"id": "p1"}],
    ),
    product(
        3,
        "Silent Travel Mouse 2.4 GHz",
        MICE,
        brand="HP",
        **eur(16),
        rating=3.8,
        rating_count=77,
        stock=0,
        seller_name="Orbit Electronics",
    ),
    product(
        4,
        "QuietComfort Over-Ear Wireless Headphones with Noise Cancelling",
        SOUND,
        brand="Bosa",
        **eur(249, 329),
        rating=4.8,
        rating_count=5210,
        stock=48,
        seller_name="Sound Harbour",
    ),
    video(
        2,
        "Noise cancelling on a night train: an honest review",
        SOUND,
        creator_name="Late Train",
        duration_s=743,
        views=88_400,
        published_at="2025-09-30T09:00:00+00:00",
    ),
    product(
        5,
        'dv7-1211ea 17.3" Notebook, 8 GB, 512 GB SSD',
        LAPTOPS,
        brand="HP",
        **eur(699, 749),
        rating=4.0,
        rating_count=312,
        stock=9,
        seller_name="Orbit Electronics",
    ),
    live(
        2,
        "Back to school: laptops under 700, questions welcome",
        LAPTOPS,
        status="scheduled",
        scheduled_at="2025-11-22T18:00:00+00:00",
        host_name="Orbit Electronics",
        followers=12400,
    ),
    product(
        6,
        "Aspire 15 Slim Laptop",
        LAPTOPS,
        brand="Acer",
        **eur(549.99),
        rating=4.4,
        rating_count=1280,
        stock=31,
        seller_name="Bright Desk",
    ),
    product(
        7,
        "Stoneware Pour-Over Coffee Set, 4 pieces",
        "Home > Kitchen > Coffee",
        brand="Kiln & Co",
        **eur(42),
        rating=4.9,
        rating_count=640,
        stock=18,
        seller_name="Kiln & Co",
    ),
    product(
        8,
        "Trail Running Shoes, men's",
        "Fashion > Shoes",
        brand="Veldra",
        **eur(89.95, 119.95),
        rating=4.3,
        rating_count=2210,
        stock=64,
        seller_name="Veldra Outlet",
    ),
    video(
        3,
        "3 coffee mistakes you make every morning",
        "Home > Kitchen > Coffee",
        creator_name="Moka Minutes",
        duration_s=58,
        views=402_000,
        published_at="2025-07-02T09:00:00+00:00",
    ),
    product(9, "Linen Shirt, relaxed fit", "Fashion > Shirts", brand="Olmo", **eur(39.9), stock=5, seller_name="Olmo"),
    product(
        10,
        "Velvet 3-Seat Sofa, forest green",
        "Home > Furniture",
        brand="Havn",
        **eur(1299, 1599),
        rating=4.5,
        rating_count=88,
        stock=2,
        seller_name="Havn",
    ),
    live(
        3,
        "Ceramics from the kiln: seconds sale",
        "Home > Kitchen",
        status="replay",
        host_name="Kiln & Co",
        followers=5600,
    ),
    product(
        11,
        "Mechanical Keyboard 75%, hot-swap, brown switches",
        "Electronics > Keyboards",
        brand="Keyra",
        **eur(79),
        rating=4.7,
        rating_count=3300,
        stock=120,
        seller_name="Keyra",
    ),
    product(12, HOSTILE, "Electronics > <b>Odd</b>", brand="<i>Evil</i>", **eur(1), stock=1, seller_name="<u>me</u>"),
    product(
        13,
        "Hydrating Face Serum 30 ml with hyaluronic acid",
        "Beauty > Skincare",
        brand="Aloa",
        **eur(18.5, 24),
        rating=4.1,
        rating_count=410,
        stock=77,
        seller_name="Aloa",
    ),
    product(
        14, "Camping Lantern, rechargeable", "Outdoor > Lighting", brand="Nordlys", price=3480, currency="JPY", stock=14
    ),
    product(15, "Bare product", "Other"),
    video(4, "Bare video", "Other"),
    live(4, "Bare live", "Other"),
]
