"""The road of `souk understand build`: scan → tally → assemble → the same as before? → train → publish."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.metadata import version as version_of
from typing import Any, Protocol

from opensearchpy import OpenSearch

from api.serving import LEXICON
from api.understand.lexicon import Lexicon, no_category
from api.understand.lexicon_files import FORMAT, digests, pack
from api.understand.rules import LexiconRules
from learn.lexicon.assemble import assemble
from learn.lexicon.behaviour import Behaviour
from learn.lexicon.scan import count, documents
from learn.lexicon.tally import Tally
from learn.lexicon.train_categories import Trained, train
from stack.documents import KINDS, Kind
from stack.errors import NotFoundError
from stack.indexes import read_index
from stack.published import Shelf
from stack.settings import Settings

SHELF = LEXICON
ABANDONED_S = 3600


class Watcher(Protocol):
    """Is told how far a build is."""

    def found(self, kind: Kind, total: int) -> None: ...
    def read(self, kind: Kind, done: int) -> None: ...
    def doing(self, what: str) -> None: ...


@dataclass(frozen=True)
class Built:
    """What a build came to. `version` is the new one, or the current one where nothing has changed; None: a dry run."""

    version: str | None
    changed: bool
    about: dict[str, Any]


def build(
    client: OpenSearch,
    settings: Settings,
    rules: LexiconRules,
    behaviour: Sequence[Behaviour],
    watcher: Watcher,
    now: datetime,
    dry_run: bool = False,
) -> Built:
    """Read the indexes and publish a lexicon of them, unless the current one is of the same content.

    Raises NotFoundError when an index is missing or all are empty; EngineError when the engine fails half-way, in
    which case nothing is published.
    """
    tally, indexes = read_catalogue(client, settings, rules, watcher)
    watcher.doing("putting together")
    lexicon, examples = assemble(tally), tally.examples
    content = content_hash(lexicon, examples, behaviour, rules)
    shelf = Shelf(settings.published, SHELF)
    current = shelf.current()
    if current is not None and shelf.get(current).about.get("hash") == content:
        return Built(current, changed=False, about=shelf.get(current).about)
    trained = Trained(None, {}) if dry_run else train(examples, behaviour, rules.categories, watcher.doing)
    lexicon = replace(lexicon, classifier=trained.model or no_category)
    files = pack(lexicon)
    about = {
        "format": FORMAT,
        "created_at": now.isoformat(timespec="seconds"),
        "souk": version_of("souk"),
        "hash": content,
        "indexes": indexes,
        "counts": counts_of(lexicon),
        "categories": trained.report,
        "files": digests(files),
    }
    if dry_run:
        return Built(None, changed=True, about=about)
    return Built(publish(shelf, files, about, now), changed=True, about=about)


def read_catalogue(
    client: OpenSearch, settings: Settings, rules: LexiconRules, watcher: Watcher
) -> tuple[Tally, dict[str, dict[str, Any]]]:
    """Everything counted, and which indexes it was. Raises as `build` does."""
    aliases = {kind: settings.alias(kind) for kind in KINDS}
    totals = {kind: count(client, alias) for kind, alias in aliases.items()}
    if not any(totals.values()):
        raise NotFoundError(
            f"{', '.join(aliases.values())} hold no document: there is nothing to learn words from",
            "Ingest a catalogue first: souk ingest products FILE",
        )
    tally = Tally(rules)
    for kind, alias in aliases.items():
        watcher.found(kind, totals[kind])
        for done, document in enumerate(documents(client, alias, kind), start=1):
            tally.add(kind, document)
            watcher.read(kind, done)
    indexes = {
        alias: {"index": read_index(client, alias).name, "documents": tally.documents[kind]}
        for kind, alias in aliases.items()
    }
    return tally, indexes


def content_hash(lexicon: Lexicon, examples: Sequence[Any], behaviour: Sequence[Behaviour], rules: LexiconRules) -> str:
    """16 hex digits over all that the lexicon is made of: the tables, and what the classifier learns from.

    Not over its weights: the last digits of a solver's sums depend on the machine.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in (f"format {FORMAT}", *sorted(digests(pack(lexicon)).items()), rules.categories.model_dump_json()):
        digest.update(repr(part).encode())
    for example in examples:
        digest.update(repr((example.id, example.title, example.category)).encode())
    for row in behaviour:
        digest.update(repr(asdict(row)).encode())
    return digest.hexdigest()


def counts_of(lexicon: Lexicon) -> dict[str, Any]:
    """How much each part holds."""
    return {
        "documents": lexicon.documents,
        "words": len(lexicon.words),
        "bigrams": len(lexicon.vocabulary.pairs),
        "protected": len(lexicon.kept),
        "entries": dict(sorted(Counter(entry.type for entry in lexicon.entries).items())),
        "things": len(lexicon.things),
        "shapes": len(lexicon.shapes),
    }


def publish(shelf: Shelf, files: dict[str, bytes], about: dict[str, Any], now: datetime) -> str:
    """Write a version and make it the current one; its name."""
    sweep(shelf)
    name = f"{now:%Y%m%d-%H%M%S}-{about['hash'][:8]}"
    with shelf.publishing(name, about) as folder:
        for file, content in files.items():
            (folder / file).write_bytes(content)
    return name


def sweep(shelf: Shelf) -> None:
    """Remove what builds left that were killed in the moment of writing."""
    for folder in shelf.folder.glob(".unfinished-*"):
        if time.time() - folder.stat().st_mtime > ABANDONED_S:
            shutil.rmtree(folder, ignore_errors=True)
