"""What the search page says of the words and of each hit's place."""

from __future__ import annotations

import httpx
import pytest
from http_pages import asked_by, page_of, texts
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from api.http.explain_view import bars
from api.http.formats import Formats
from api.http.i18n import english
from api.http.understood import OFFER, pieces, price_words
from api.model import PARTS, Explanation, Reason


def links(page: HTMLParser, selector: str) -> dict[str, set[tuple[str, str]]]:
    return {
        text: asked_by(a.attributes["href"]) for text, a in zip(texts(page, selector), page.css(selector), strict=True)
    }


async def test_a_correction_is_said_and_can_be_undone(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=Wirless+mouse&types=product&page=1&size=5")
    assert texts(page, "h1") == ["Showing results for “wireless mouse”"]
    assert texts(page, "h1 .changed") == ["wireless"]
    assert links(page, ".instead a") == {
        "Wirless mouse": {("q", "Wirless mouse"), ("types", "product"), ("size", "5"), ("without", "spelling")}
    }
    literal = await page_of(http, page.css_first(".instead a").attributes["href"] or "")
    assert texts(literal, "h1") == ["Nothing found for “Wirless mouse”"]
    assert not literal.css(".instead")
    # … and the correction can be had back
    assert links(literal, ".chip-off") == {
        "Switch on again: spelling off": {("q", "Wirless mouse"), ("types", "product"), ("size", "5")}
    }


async def test_words_that_nothing_has_are_named(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=xyzzy+mouse")
    assert texts(page, ".notice")[0].startswith("Nothing has all of these words: left out xyzzy.")
    assert page.css(".card")
    assert links(page, ".notice a") == {"Insist on all words": {("q", "xyzzy mouse"), ("without", "relaxation")}}
    strict = await page_of(http, "/search?q=xyzzy+mouse&without=relaxation")
    assert not strict.css("main > .row")


async def test_price_brand_and_what_is_not_wanted_are_chips_that_switch_their_step_off(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=hp+mouse+without+cable+under+90+euro&without=synonyms")
    asked = {("q", "hp mouse without cable under 90 euro")}
    assert links(page, ".taken .chip:not(.chip-off)") == {
        "Do not take as this: Price up to €90": asked | {("without", "synonyms,price")},
        "Do not take as this: Without cable": asked | {("without", "synonyms,negation")},
        "Do not take as this: Brand HP": asked | {("without", "synonyms,recognise")},
    }
    # A price of the form goes before the words', and has its own chip.
    filtered = await page_of(http, "/search?q=mouse+under+90+euro&filter.price.lte=50")
    assert texts(filtered, ".chip") == ["Remove filter Price up to 50"]


async def test_what_the_speller_only_offers_is_a_question(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=hp+mousse+pad&types=product")
    assert texts(page, ".instead") == ["Did you mean hp mouse pad?"]
    assert links(page, ".instead a") == {"hp mouse pad": {("q", "hp mouse pad"), ("types", "product")}}
    assert not page.css("h1 .changed")


def test_the_spellers_own_words_are_read() -> None:
    """As test_step_spelling.py has them from the speller."""
    note = "did you mean cartridge for cartrige?; did you mean mouse for mousse? (0.55)"
    assert [(found["written"], found["meant"]) for found in OFFER.finditer(note)] == [
        ("cartrige", "cartridge"),
        ("mousse", "mouse"),
    ]


async def test_a_shop_without_debug_says_nothing_of_its_machinery(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=mouse")
    assert page.css(".card")
    assert not page.css(".why, .reasons, .debug, .taken, .instead, .steps")


async def test_new_words_are_understood_in_full_again(http: httpx.AsyncClient) -> None:
    def kept(page: HTMLParser, form: str) -> set[str]:
        return {node.attributes["name"] or "" for node in page.css(f"{form} input[type=hidden]")}

    page = await page_of(http, "/search?q=mouse&without=spelling")
    assert "without" not in kept(page, ".search")
    assert "without" in kept(page, "#filters")  # the same words, filtered
    assert "without" in kept(await page_of(http, "/search?q=mouse&without=spelling&debug=1"), ".search")


async def test_debug_shows_steps_models_and_why_each_hit_is_there(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=wirless+mouse&debug=1&types=product&without=price")
    assert texts(page, ".steps tbody th") == list(PARTS)
    assert "wirless mouse → wireless mouse" in texts(page, ".steps .did")
    switches = links(page, ".steps a")
    asked = {("q", "wirless mouse"), ("debug", "1"), ("types", "product")}
    assert switches["switch on price"] == asked
    assert switches["switch off final_stage"] == asked | {("without", "price,final_stage")}
    assert "products ranked by model v7" in texts(page, ".debug .facts")[0]
    card = page.css_first(".card")
    assert "Why here?" in card.text()
    assert "Found by its words (1st). Stays at 1 <b>of its kind</b>." in card.text()
    assert texts(page, ".card .reasons th[scope=row]")[:2] == ["the words in the <i>title</i> 11.4", "price 2"]
    assert texts(page, ".card .effect")[:2] == ["+0.90", "-0.30"]
    compare = page.css_first(".debug a.button").attributes["href"] or ""
    assert compare.startswith("/console/compare?")
    assert asked_by(compare) == {("q", "wirless mouse"), ("type", "product")}


async def test_explain_alone_shows_the_reasons_only(http: httpx.AsyncClient) -> None:
    page = await page_of(http, "/search?q=mouse&explain=1")
    assert len(page.css(".card .why")) == len(page.css(".card"))
    assert not page.css(".debug, .routes")


def test_bars_go_right_for_it_and_left_against_it() -> None:
    effects = (0.8, -0.4, 0.2)
    reasons = [Reason(feature=f"f{n}", label=f"f{n}", value=1, effect=effect) for n, effect in enumerate(effects)]
    drawn = bars(Explanation(summary="", routes={}, first_stage=1, reasons=reasons), most=2)
    assert [(bar.start, bar.width, bar.helps) for bar in drawn] == [(50, 50, True), (25, 25, False)]


@pytest.mark.parametrize(
    ("written", "changes", "searched", "shown"),
    [
        ("wirless mouse", {"wirless": "wireless"}, "wireless mouse", "[wireless] mouse"),
        ("WIRLESS, mouse!", {"wirless": "wireless"}, "wireless mouse", "[wireless], mouse!"),
        ("head phones hp", {"head phones": "headphones"}, "headphones hp", "[headphones] hp"),
        ("mous mouse", {"mous": "mouse"}, "mouse mouse", "[mouse] mouse"),
        # What was written does not show the corrected word as it is: the searched words do.
        ("head  phones", {"head phones": "headphones"}, "headphones", "[headphones]"),
        ("c++ (wirless", {"wirless": "wireless"}, "c++ wireless", "c++ ([wireless]"),
    ],
)
def test_corrected_words_stand_in_their_places(
    written: str, changes: dict[str, str], searched: str, shown: str
) -> None:
    found = pieces(written, changes, searched)
    assert "".join(f"[{piece.text}]" if piece.changed else piece.text for piece in found) == shown


@pytest.mark.parametrize(
    ("price", "words"),
    [
        ({"gte": None, "lte": 20.0, "currency": "EUR", "wish": None}, "up to €20"),
        ({"gte": 20.0, "lte": 49.9, "currency": None, "wish": None}, "20 – 49.90"),
        ({"gte": 100.0, "lte": None, "currency": "USD", "wish": "cheap"}, "from $100, cheap"),
        ({"gte": None, "lte": None, "currency": None, "wish": "expensive"}, "expensive"),
    ],
)
def test_a_price_in_words(price: dict[str, object], words: str) -> None:
    assert price_words(price, Formats(english())) == words
