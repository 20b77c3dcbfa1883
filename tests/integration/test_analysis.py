"""Text analysis as a shopper notices it: which spelling of a query finds which spelling of a title.

Each case goes through the production query on the real engine; an entry of `MISSES` is what must not be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from opensearchpy import OpenSearch
from opensearchpy.helpers import bulk

from api.query.lexical import lexical_query, matching_query
from api.query.words import MAX_WORDS, read_words
from stack.client import connect
from stack.documents import Product, index_body
from stack.rules import load_rules
from stack.settings import Settings

pytestmark = pytest.mark.engine
NOW = datetime(2026, 3, 1, tzinfo=UTC)
TITLES = {
    "dv7": "HP Pavilion dv7-1211ea laptop",
    "dv6": "HP Pavilion dv6-1215sa laptop",
    "wd-40": "WD-40 multi-use spray",
    "wd40": "WD40 bike grease",
    "256gb": "Kingston 256GB flash",
    "256 gb": "SanDisk 256 GB flash",
    "128gb": "Lexar 128GB flash",
    '17"': 'Stand for 17" screens',
    "17-inch": "Sleeve for 17-inch screens",
    "17in": "Arm for 17in screens",
    "19 inch": "Mount for 19 inch screens",
    "i7": "Intel Core i7 processor",
    "i5": "Intel Core i5 processor",
    "wi-fi": "Netgear Wi-Fi router",
    "wifi": "TP-Link wifi repeater",
    "wi fi": "Arlo wi fi camera",
    "tv": "Wall bracket for a TV",
    "television": "Remote for your television",
    "men's": "Men's running shoes",
    "mens": "Mens leather belt",
    "cables": "Braided cables",
    "cable": "Braided cable",
    "batteries": "Rechargeable batteries",
    "usb-c": "USB-C hub",
    "t-shirt": "Cotton t-shirt",
    "tshirt": "Linen tshirt",
    "café": "Café latte glasses",
    "3.5mm": "Jack 3.5mm plug",
    "c++": "C++ handbook",
    "at&t": "AT&T cordless",
}
GERMAN = {
    "ständer": "Ständer aus Holz",
    "kopfhörerständer": "Kopfhörerständer aus Buche",
    "häuser": "Kleine Häuser",
    "tasche": "Handytasche, rot",
    "strasse": "Spiel des Lebens Straße",
    "kueche": "Stuhl für die Küche",
}
CJK = {
    "吉他": "初学者吉他套装",
    "ギター": "アコースティックギター入門",
    "기타": "초보자용 기타 세트",
    "wide": "ＵＳＢケーブル dv9-500",
    "钢琴": "电子钢琴",
}

INCHES = ('17"', "17 inch", "17in", "17 in", "17-inch", "17 inches", "17”", "17″", "17''")
# language, query, ids that must be found, ids that must not
CASES: list[tuple[str, str, set[str], set[str]]] = [
    *(("en", q, {"dv7"}, set()) for q in ("dv7-1211ea", "DV7-1211EA", "DV7 1211EA", "dv71211ea", "dv7/1211ea")),
    ("en", "dv7", {"dv7"}, {"dv6"}),
    ("en", "1211ea", {"dv7"}, {"dv6"}),
    ("en", "wd-40", {"wd-40", "wd40"}, {"256gb"}),
    ("en", "WD40", {"wd-40", "wd40"}, {"256gb"}),
    ("en", "wd 40", {"wd-40"}, {"256gb"}),
    *(("en", q, {"256gb", "256 gb"}, {"128gb"}) for q in ("256gb", "256 gb", "256GB", "256-GB")),
    *(("en", q, {'17"', "17-inch", "17in"}, {"19 inch"}) for q in INCHES),
    ("en", "i7", {"i7"}, {"i5"}),
    *(("en", q, {"wi-fi", "wifi", "wi fi"}, {"usb-c"}) for q in ("wi-fi", "wifi", "wi fi", "Wi-Fi", "WIFI")),
    *(("en", q, {"tv", "television"}, {"i7"}) for q in ("tv", "television", "TVs", "televisions", "telly")),
    *(("en", q, {"men's", "mens"}, {"i7"}) for q in ("men's", "mens", "men’s", "men")),
    *(("en", q, {"cables", "cable"}, {"i7"}) for q in ("cable", "cables", "Cables,", "(cable)")),
    *(("en", q, {"batteries"}, {"i7"}) for q in ("battery", "batteries")),
    *(("en", q, {"usb-c"}, {"i7"}) for q in ("usb-c", "usbc", "usb c", "usb")),
    *(("en", q, {"t-shirt", "tshirt"}, {"men's"}) for q in ("t-shirt", "tshirt", "tee")),
    *(("en", q, {"café"}, {"i7"}) for q in ("café", "cafe", "CAFÉ")),
    *(("en", q, {"3.5mm"}, {"i7"}) for q in ("3.5mm", "3.5 mm")),
    ("en", "c++", {"c++"}, {"i7"}),
    ("en", "at&t", {"at&t"}, {"i7"}),
    ("en", "zzzz", set(), set(TITLES)),
    ("en", "the of and", set(), {"i7", "café"}),
    ("en", '"*?~^', set(), {"i7", "café"}),
    *(("de", q, {"ständer", "kopfhörerständer"}, {"häuser"}) for q in ("Ständer", "staender", "ständer")),
    ("de", "Kopfhörerständer", {"kopfhörerständer"}, {"häuser"}),
    ("de", "kopfhoererstaender", {"kopfhörerständer"}, {"häuser"}),
    *(("de", q, {"häuser"}, {"ständer"}) for q in ("Haus", "Häuser", "haeuser")),
    *(("de", q, {"tasche"}, {"ständer"}) for q in ("Tasche", "Taschen", "Handytasche")),
    *(("de", q, {"strasse"}, {"ständer"}) for q in ("Straße", "strasse")),
    *(("de", q, {"kueche"}, {"ständer"}) for q in ("Küche", "kueche", "Küchen")),
    ("cjk", "吉他", {"吉他"}, {"钢琴"}),
    ("cjk", "吉他套装", {"吉他"}, {"钢琴"}),
    ("cjk", "ギター", {"ギター"}, {"吉他"}),
    ("cjk", "기타", {"기타"}, {"吉他"}),
    ("cjk", "USB", {"wide"}, {"吉他"}),
    ("cjk", "ケーブル", {"wide"}, {"ギター"}),
    ("cjk", "dv9-500", {"wide"}, {"吉他"}),
]  # fmt: skip
TYPED = [
    ("ki", {"256gb"}, {"128gb"}),
    ("kingston 25", {"256gb"}, {"128gb"}),
    ("netgear wi", {"wi-fi"}, {"i7"}),
    ("netgear wi-f", {"wi-fi"}, {"i7"}),
    ("hp pavilion dv7", {"dv7"}, {"dv6"}),
    ("dv7-12", {"dv7"}, {"dv6"}),
    ("intel core i", {"i7", "i5"}, {"dv7"}),
    ("cafe", {"café"}, {"i7"}),
    ("pavilion", {"dv7", "dv6"}, {"i7"}),
]


@pytest.fixture(scope="module")
def shop(make_indexes: Callable[..., Settings]) -> Settings:
    settings = make_indexes("analysis", languages=("en", "de", "cjk"))
    titles = TITLES | GERMAN | CJK
    actions = [
        {"_index": settings.alias("product"), "_id": id_, **index_body(Product(id="x", title=title, updated_at=NOW))}
        for id_, title in titles.items()
    ]
    with connect(settings) as client:
        bulk(client, actions, refresh=True)
    return settings


@pytest.fixture(scope="module")
def engine(shop: Settings) -> Iterator[OpenSearch]:
    with connect(shop) as client:
        yield client


def found(engine: OpenSearch, shop: Settings, body: dict[str, object]) -> set[str]:
    hits = engine.search(index=shop.alias("product"), body=body, params={"size": 100})["hits"]["hits"]
    return {hit["_id"] for hit in hits}


@pytest.mark.parametrize(("language", "q", "must", "must_not"), CASES, ids=lambda value: str(value)[:24])
def test_query(engine: OpenSearch, shop: Settings, language: str, q: str, must: set[str], must_not: set[str]) -> None:
    rules = load_rules(shop.mappings_dir).lexical
    hits = found(engine, shop, {"query": lexical_query(read_words(q), "product", language, rules)})
    assert must <= hits
    assert not must_not & hits
    counted = found(engine, shop, {"query": matching_query(read_words(q), "product", language, rules)})
    assert must <= counted <= hits, "what is counted can be shown, and what must be found is counted"


@pytest.mark.parametrize(("typed", "must", "must_not"), TYPED)
def test_as_you_type(engine: OpenSearch, shop: Settings, typed: str, must: set[str], must_not: set[str]) -> None:
    fields = ["title.typed", "title.typed._2gram"]
    query = {"multi_match": {"query": typed, "type": "bool_prefix", "operator": "and", "fields": fields}}
    hits = found(engine, shop, {"query": query})
    assert must <= hits
    assert not must_not & hits


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("hp pavilion dv7-1211ea laptop", "dv7"),
        ("pavilion dv6 1215sa", "dv6"),
        ("intel i7", "i7"),
        ("17 inch arm", "17in"),
        ("netgear wifi router", "wi-fi"),
    ],
)
def test_what_comes_first(engine: OpenSearch, shop: Settings, q: str, first: str) -> None:
    rules = load_rules(shop.mappings_dir).lexical
    body = {"query": lexical_query(read_words(q), "product", "en", rules)}
    assert engine.search(index=shop.alias("product"), body=body)["hits"]["hits"][0]["_id"] == first


@pytest.mark.parametrize("language", ["en", "de", "cjk"])
@pytest.mark.parametrize("kind", ["product", "video", "live"])
def test_the_longest_queries_are_within_the_clauses_that_the_engine_takes(
    engine: OpenSearch, shop: Settings, language: str, kind: str
) -> None:
    """Distinct words, compounds, synonyms, characters and signs, each as many as a query may have."""
    rules = load_rules(shop.mappings_dir).lexical
    words = [f"{a}{b}{c}" for a in "bcdfghjk" for b in "aeiou" for c in "lmnprst"]
    pairs = list(zip(words, words[100:], strict=False))
    synonyms = [
        line.split("=>")[0]
        for line in (shop.mappings_dir / "synonyms" / "en.txt").read_text().splitlines()
        if line[:1] != "#"
    ]
    texts = [
        " ".join(words),
        *(" ".join(f"{one}{mark}{other}" for one, other in pairs) for mark in "-/'.&+@%$"),
        "-".join(words),
        " ".join("-".join(part) for part in zip(words, words[50:], words[100:], words[150:], strict=False)),
        " ".join(synonyms),
        "".join(chr(0x4E00 + place) for place in range(512)),
        "".join(chr(0xAC00 + place) for place in range(512)),
        "".join(chr(0x1F300 + place) for place in range(512)),
        "".join(chr(0x30A1 + place % 80) + chr(0x4E00 + place) for place in range(256)),
        "ﷺ" * 512,
    ]  # fmt: skip
    for text in texts:
        cut = read_words(text[:512])
        for query in (lexical_query(cut, kind, language, rules), matching_query(cut, kind, language, rules)):  # type: ignore[arg-type]
            engine.search(index=shop.alias(kind), body={"query": query})  # type: ignore[arg-type]
    assert len(read_words(" ".join(words)).text.split()) == MAX_WORDS
