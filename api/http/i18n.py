"""The languages of the pages: their catalogues, and which one a reader gets.

A catalogue is `locale/<language>/LC_MESSAGES/souk.po`, compiled when it is loaded. English is the source: its messages
are the keys. To add a language, run `python -m api.http.messages <language>` and fill in the file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from starlette.requests import Request

LOCALE_DIR = Path(__file__).parent / "locale"
DOMAIN = "souk"
SOURCE = "en"
COOKIE = PARAMETER = "lang"
LOCALES = {SOURCE: "en_GB"}
"""The locale of a language's numbers and dates where it is not the language alone."""
ACCEPTED = re.compile(r"([a-zA-Z]{2,3})(?:-[\w-]+)?\s*(?:;\s*q\s*=\s*([\d.]+))?")


def N_(message: str) -> str:
    """Marks a message that is translated later, where it is shown. The name is the one that extractors know."""
    return message


@dataclass(frozen=True)
class Words:
    """One language: its messages and its ways with numbers."""

    code: str
    locale: Locale
    translations: NullTranslations

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return str(self.locale.text_direction)

    @property
    def name(self) -> str:
        """The language's name in itself: `English`, `العربية`."""
        return (self.locale.languages.get(self.code) or self.code).capitalize()

    def gettext(self, message: str, **values: Any) -> str:
        """The message in this language, with `%(name)s` filled in. One that is missing stays English."""
        text = self.translations.gettext(message) if message else ""
        return text % values if values else text

    def ngettext(self, singular: str, plural: str, count: int, **values: Any) -> str:
        """The form for `count`, which is also `%(num)s` unless `num` is given."""
        return self.translations.ngettext(singular, plural, count) % ({"num": count} | values)


def english() -> Words:
    """The source language: every message as it stands in the code."""
    return Words(SOURCE, Locale.parse(LOCALES[SOURCE]), NullTranslations())


@cache
def load_languages(folder: Path = LOCALE_DIR) -> dict[str, Words]:
    """Every language there is, English first."""
    found = sorted(folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    return {SOURCE: english()} | {file.parts[-3]: _read(file.parts[-3], file) for file in found}


def _read(code: str, file: Path) -> Words:
    locale = LOCALES.get(code, code)
    with file.open("rb") as source:
        catalogue = read_po(source, locale=locale)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Words(code, Locale.parse(locale), Translations(compiled, domain=DOMAIN))


def chosen_language(request: Request, languages: Mapping[str, Words]) -> str:
    """`?lang=`, then the cookie, then what the browser prefers, then English."""
    asked = (request.query_params.get(PARAMETER), request.cookies.get(COOKIE))
    wishes = (*asked, *accepted(request.headers.get("accept-language", "")))
    return next((wish for wish in wishes if wish and wish in languages), SOURCE)


def accepted(header: str) -> list[str]:
    """`ar-EG, en;q=0.8, fr;q=0` → `["ar", "en"]`, best first."""
    found = [ACCEPTED.fullmatch(part.strip()) for part in header[:500].split(",")]
    shares = [(match[1].lower(), _share(match[2])) for match in found if match]
    return [code for code, share in sorted(shares, key=lambda one: -one[1]) if share > 0]


def _share(text: str | None) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0
