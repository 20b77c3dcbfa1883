"""The messages of the pages: gathered from templates, code and mappings, and written into a language's catalogue.

    python -m api.http.messages ar    adds what is new to locale/ar/LC_MESSAGES/souk.po and leaves out what is gone

A message is what stands in `_("…")`, `gettext("…")`, `ngettext("…", "…", n)` or `N_("…")`, and each label and title of
`mappings/fields.yml` and `mappings/storefront.yml`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from api.http.i18n import DOMAIN, LOCALE_DIR
from api.http.storefront_rules import load_storefront
from api.query.fields import load_fields
from stack.settings import ROOT

HTTP = Path(__file__).parent
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
# Jinja's own defaults, as the pages have them.
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
WIDTH = 120


def gather(mappings: Path = ROOT / "mappings") -> Catalog:
    """Every message there is, English."""
    catalogue = Catalog(domain=DOMAIN, project="Souk", charset="utf-8", fuzzy=False)
    found = extract_from_dir(str(HTTP), METHODS, OPTIONS, KEYWORDS)
    for place, _line, message, comments, context in found:
        catalogue.add(message, None, [(place, 0)], auto_comments=comments, context=context)
    for message in _mapped(mappings):
        catalogue.add(message, None, [("mappings", 0)])
    return catalogue


def _mapped(mappings: Path) -> Iterator[str]:
    fields = load_fields(mappings)
    yield from (field.label for field in fields.by_name.values())
    yield from (sort.label for sort in fields.sorts_by_name.values())
    yield from (shelf.title for shelf in load_storefront(mappings).shelves.values())


def catalogue_of(language: str, folder: Path = LOCALE_DIR) -> Catalog:
    """A language's catalogue; an empty one where there is none yet."""
    file = path_of(language, folder)
    if not file.is_file():
        return Catalog(Locale.parse(language), domain=DOMAIN, project="Souk", charset="utf-8", fuzzy=False)
    with file.open("rb") as source:
        return read_po(source, locale=language, domain=DOMAIN)


def path_of(language: str, folder: Path = LOCALE_DIR) -> Path:
    return folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def update(language: str) -> Catalog:
    """The language's catalogue with every message there is and no other; similar ones are not taken for each other."""
    catalogue = catalogue_of(language)
    catalogue.update(gather(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def main() -> None:
    for language in sys.argv[1:]:
        catalogue = update(language)
        file = path_of(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as target:
            write_po(target, catalogue, width=WIDTH, omit_header=False, include_lineno=False, sort_output=True)
        missing = [message.id for message in catalogue if message.id and not filled(message.string)]
        sys.stderr.write(f"{file}: {len(missing)} of {len(catalogue)} messages have no translation\n")


def filled(translation: str | list[str] | tuple[str, ...] | None) -> bool:
    """Is it there, in every plural form?"""
    forms = [translation] if isinstance(translation, str) else translation or [""]
    return all(forms)


if __name__ == "__main__":
    main()
