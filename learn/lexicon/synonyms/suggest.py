"""The road of `souk synonyms suggest`: scan the products → each source's candidates → the best that are new."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from opensearchpy import OpenSearch

from learn.lexicon.build import Watcher
from learn.lexicon.scan import count, documents
from learn.lexicon.synonyms import abbreviations, alike, querylog, spellings, values
from learn.lexicon.synonyms.candidate import Candidate, choose, known_groups
from learn.lexicon.synonyms.collect import Collection
from learn.lexicon.synonyms.rules import load_synonym_rules
from learn.lexicon.synonyms.vectors import Encode, Similarity
from stack.errors import NotFoundError
from stack.mappings import read_synonyms
from stack.settings import Settings


def suggest(
    client: OpenSearch,
    settings: Settings,
    language: str,
    query_files: Sequence[Path],
    encode: Encode,
    watcher: Watcher,
    most: int,
) -> list[Candidate]:
    """The best `most` candidates, best first.

    Raises NotFoundError when there is no product, InputError for a query log that cannot be read.
    """
    rules = load_synonym_rules(settings.mappings_dir)
    clicks = querylog.read_clicks(query_files) if query_files else {}
    collection = collect(client, settings, watcher)
    watcher.doing("comparing words")
    similarity = Similarity(encode)
    found = [
        *abbreviations.candidates(collection, rules.abbreviations),
        *spellings.candidates(collection, similarity, rules.spellings),
        *values.candidates(collection, similarity, rules),
        *alike.candidates(collection, similarity, rules.alike),
        *querylog.candidates(clicks, rules.query_log),
    ]
    return choose(found, known_groups(read_synonyms(settings.mappings_dir / "synonyms" / f"{language}.txt")), most)


def collect(client: OpenSearch, settings: Settings, watcher: Watcher) -> Collection:
    """All products counted. Raises NotFoundError when there is none."""
    alias = settings.alias("product")
    total = count(client, alias)
    if not total:
        raise NotFoundError(f"{alias} holds no document to learn from", "Ingest one: souk ingest products FILE")
    watcher.found("product", total)
    collection = Collection()
    for done, document in enumerate(documents(client, alias, "product"), start=1):
        collection.add(document)
        watcher.read("product", done)
    return collection
