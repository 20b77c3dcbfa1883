"""Reading a page as a browser without scripts would."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import httpx
from selectolax.lexbor import LexborHTMLParser as HTMLParser

Pairs = set[tuple[str, str]]


async def page_of(http: httpx.AsyncClient, path: str, status: int = 200) -> HTMLParser:
    answer = await http.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    return HTMLParser(answer.text)


def texts(page: HTMLParser, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in page.css(selector)]


def asked_by(href: str | None) -> Pairs:
    return set(parse_qsl(urlsplit(href or "").query))
