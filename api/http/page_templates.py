"""`Pages`: renders templates in the reader's language and colours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.explain import ordinal
from api.http.errors import Failure
from api.http.explain_view import bars
from api.http.formats import Formats
from api.http.i18n import COOKIE, N_, PARAMETER, Words, chosen_language, load_languages
from api.http.links import search_url
from api.http.page_view import Link
from api.http.static_files import versions
from api.http.storefront_rules import StorefrontRules

THEME = "theme"
THEMES = ("light", "dark")
ONE_YEAR_S = 365 * 24 * 3600
OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
HEADINGS = {
    404: N_("There is nothing here"),
    409: N_("This cluster cannot do that"),
    422: N_("That does not work"),
    502: N_("The engine did not take that"),
    503: N_("The market is closed for a moment"),
}


@dataclass(frozen=True)
class Reader:
    """For whom a page is rendered. `theme` is `light`, `dark`, or empty: as the system has it."""

    words: Words
    formats: Formats
    theme: str


class Pages:
    """Renders templates. Everything is escaped unless it comes out of `highlights.to_html`."""

    def __init__(
        self, static: Path, rules: StorefrontRules, image_hosts: Iterable[str] = (), events: bool = True
    ) -> None:
        self.rules = rules
        self.image_hosts = frozenset(image_hosts)
        self.languages = load_languages()
        self._formats = {code: Formats(words) for code, words in self.languages.items()}
        files = versions(static)
        if not events:  # nobody would listen to what the script tells
            files.pop("events.js", None)
        self._environments = {code: _environment(words, files) for code, words in self.languages.items()}
        self._market = {code: _market(words, rules) for code, words in self.languages.items()}

    def reader(self, request: Request) -> Reader:
        code = chosen_language(request, self.languages)
        theme = request.cookies.get(THEME, "")
        return Reader(self.languages[code], self._formats[code], theme if theme in THEMES else "")

    def render(
        self,
        request: Request,
        template: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """The page; `q` (the words in the search box) and `kept` (what a new search keeps) may be left out."""
        reader = self.reader(request)
        words = reader.words
        frame = {
            "lang": words.code,
            "dir": words.direction,
            "theme": reader.theme,
            "languages": [other for other in self.languages.values() if other.code != words.code],
            "here": str(request.url.remove_query_params(PARAMETER).replace(scheme="", netloc="")),
            "market": self._market[words.code],
            "q": "",
            "kept": [],
        }
        html = self._environments[words.code].get_template(template).render(frame | values)
        response = HTMLResponse(html, status, headers)
        if request.query_params.get(PARAMETER) == words.code:
            remember(request, response, COOKIE, words.code)
        return response

    def problem(self, request: Request, failure: Failure) -> HTMLResponse:
        """The page of an error, with its search box so that one can go on."""
        words = self.reader(request).words
        return self.render(
            request,
            "problem.html",
            failure.status,
            failure.headers,
            heading=words.gettext(HEADINGS.get(failure.status, N_("Something went wrong"))),
            failure=failure,
            problem=failure.problem,
            q=request.query_params.get("q", "")[:512],
            again=str(request.url.replace(scheme="", netloc="")),
        )


def _market(words: Words, rules: StorefrontRules) -> list[Link]:
    """The shelves as links of the header."""
    return [Link(words.gettext(shelf.title), search_url(shelf.request())) for shelf in rules.shelves.values()]


def _environment(words: Words, files: Mapping[str, str]) -> Environment:
    environment = Environment(
        loader=PackageLoader("api.http"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(words.translations, newstyle=True)  # type: ignore[attr-defined]
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters |= {**Formats(words).filters(), "bars": bars, "ordinal": ordinal}
    environment.globals["static"] = files
    return environment


def remember(request: Request, response: Response, name: str, value: str) -> None:
    """Keep a choice in a cookie for a year; an empty one is forgotten. Scripts may read it: it is no secret."""
    if value:
        response.set_cookie(name, value, max_age=ONE_YEAR_S, samesite="lax", secure=request.url.scheme == "https")
    else:
        response.delete_cookie(name, samesite="lax")


def own_path(text: str) -> str:
    """An address of ours, or the start: a link from elsewhere cannot send a reader on to another host."""
    return text if OWN_PATH.fullmatch(text) else "/"
