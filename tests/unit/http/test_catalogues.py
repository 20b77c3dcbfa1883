"""Every word of the pages is in the catalogues, and the catalogues are whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from api.http.i18n import SOURCE, accepted, load_languages
from api.http.messages import HTTP, catalogue_of, filled, gather

LANGUAGES = [code for code in load_languages() if code != SOURCE]
# For those who look after the ranking, in English as the API is; and the name itself.
ENGLISH = {"_debug.html", "_explain.html", "console_compare.html"}
NAMES = {"Souk", "souk", "There is:", "Scores", "score"}
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
ATTRIBUTES = re.compile(r"\{% block body_attributes %\}.*?\{% endblock %\}", re.DOTALL)
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
SPOKEN = ("aria-label", "placeholder", "title", "alt")


def test_there_is_a_second_language_from_right_to_left() -> None:
    assert load_languages()["ar"].direction == "rtl"
    assert load_languages()["ar"].name == "العربية"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_message_in_every_plural_form(language: str) -> None:
    """What is missing is added by `python -m api.http.messages <language>`."""
    known = {message.id: message for message in catalogue_of(language) if message.id}
    wanted = [message.id for message in gather() if message.id]
    assert len(wanted) > 100
    assert [id for id in wanted if id not in known or not filled(known[id].string)] == []
    assert not [id for id in known if id not in set(wanted)], "no longer used"
    assert not [message.id for message in known.values() if message.fuzzy]


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_name_no_value_that_is_not_given(language: str) -> None:
    for message in catalogue_of(language):
        source = message.id if isinstance(message.id, str) else " ".join(message.id)
        translated = message.string if isinstance(message.string, str) else " ".join(message.string)
        assert set(PLACEHOLDER.findall(translated)) <= set(PLACEHOLDER.findall(source)), source
        if isinstance(message.id, str):
            assert set(PLACEHOLDER.findall(translated)) == set(PLACEHOLDER.findall(source)), source


@pytest.mark.parametrize("template", sorted((HTTP / "templates").glob("*.html")), ids=lambda path: path.name)
def test_no_template_has_words_outside_of_gettext(template: Path) -> None:
    if template.name in ENGLISH:
        return
    page = HTMLParser(TAGS.sub(" ", ATTRIBUTES.sub("", template.read_text(encoding="utf-8"))))
    said = [page.root.text(separator="\n")] if page.root else []
    said += [node.attributes.get(name) or "" for node in page.css("*") for name in SPOKEN]
    words = {line.strip() for text in said for line in text.splitlines() if re.search(r"[A-Za-z]{2}", line)}
    assert {word for word in words if word not in NAMES and word.strip("– ") not in NAMES} == set()


def test_plurals_are_arabic_ones() -> None:
    words = load_languages()["ar"]
    forms = [words.ngettext("%(num)s product", "%(num)s products", count) for count in (0, 1, 2, 3, 11, 100)]
    assert len(set(forms)) == 6


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ("ar-EG, en;q=0.8", ["ar", "en"]),
        ("en;q=0.2, ar;q=0.9, de;q=0", ["ar", "en"]),
        ("*, ar;q=x", []),
        ("", []),
        ("'; drop", []),
    ],
)
def test_the_browsers_wishes(header: str, codes: list[str]) -> None:
    assert accepted(header) == codes
