"""Completions of a small shop, as they are taken up."""

from __future__ import annotations

from api.suggest.complete import Completer
from api.suggest.completion import Completion, Counted, completions, filter_href, page_href, search_href
from api.suggest.model import SuggestionKind
from api.suggest.rules import load_suggest_rules
from api.understand.lexicon import Lexicon
from stack.settings import ROOT

RULES = load_suggest_rules(ROOT / "mappings")
QUERIES = {"wireless mouse": 90, "wireless headphones": 60, "mouse pad": 30, "gaming chair": 10, "hut": 4}
BRANDS = {"Wirecraft": 40, "Monolith": 12, "HP": 400}
CATEGORIES = {"Electronics > Mice": 80, "Electronics": 300, "Home > Mice": 2}
CREATORS = {"Mona Wise": 900, "Émile": 20}
LEXICON = Lexicon.of(
    {"logi": 40, "wireless": 300, "mouse": 200, "pad": 20, "pavilion": 30, "running": 50, "chair": 20, "gaming": 30},
    bigrams={("logi", "wireless"): 12},
    things=("mouse", "chair"),
)


def shop() -> list[Completion]:
    def of(kind: SuggestionKind, counts: dict[str, int], field: str) -> list[Completion]:
        found = [Counted(text, count, filter_href(field, text)) for text, count in counts.items()]
        return completions(kind, found, 100)

    queries = [Counted(text, count, search_href(q=text)) for text, count in QUERIES.items()]
    paths = [
        Counted(path.split(" > ")[-1], count, filter_href("category", path), path.rpartition(" > ")[0] or None)
        for path, count in CATEGORIES.items()
    ]
    people = [Counted(name, count, page_href("creators", name)) for name, count in CREATORS.items()]
    return [
        *completions("query", queries, 100),
        *of("brand", BRANDS, "brand"),
        *completions("category", paths, 100),
        *completions("creator", people, 100),
    ]


def completer(lexicon: Lexicon | None = LEXICON) -> Completer:
    return Completer(shop(), lexicon, RULES)
