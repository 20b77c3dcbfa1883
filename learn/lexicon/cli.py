"""`souk understand …`: the lexicon that queries are understood by. `souk synonyms suggest`: candidates for a human."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from learn.lexicon.build import Built
    from stack.published import Shelf, Version

understand_app = typer.Typer(help="The lexicon that queries are understood by.", no_args_is_help=True)
synonyms_app = typer.Typer(help="Synonyms: candidates from the catalogue and the query log.", no_args_is_help=True)


@understand_app.command("build")
def build_command(
    min_count: Annotated[int | None, typer.Option(min=1, help="leave out words of fewer documents")] = None,
    behaviour: Annotated[
        Path | None, typer.Option(help="Parquet or JSON Lines of query, category, weight: what shoppers took")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="count only: nothing is trained or published")] = False,
) -> None:
    """Read the indexes and publish a lexicon: words, dictionaries, product nouns, the category classifier.

    Running API processes take the new one up by themselves. The same catalogue gives no new version.

    Examples: `souk understand build`, `souk understand build --behaviour clicks.parquet`,
    `souk understand build --dry-run`
    """
    from datetime import UTC, datetime

    from api.understand.rules import load_lexicon_rules
    from learn.lexicon.behaviour import read_behaviour
    from learn.lexicon.build import build
    from learn.lexicon.progress import watching
    from stack.client import connect
    from stack.settings import load_settings

    settings = load_settings()
    rules = load_lexicon_rules(settings.mappings_dir)
    if min_count is not None:
        words = rules.vocabulary.model_copy(
            update={
                "min_count": min_count,
                "min_count_elsewhere": max(min_count, rules.vocabulary.min_count_elsewhere),
            }
        )
        rules = rules.model_copy(update={"vocabulary": words})
    rows = read_behaviour(behaviour) if behaviour else ()
    with connect(settings) as client, watching() as watcher:
        built = build(client, settings, rules, rows, watcher, datetime.now(UTC), dry_run)
    _print_built(built)


def _print_built(built: Built) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if built.version is None:
        console.print("Dry run: this would be published (without the category classifier, which was not trained)")
    elif built.changed:
        console.print(f"Published {built.version}")
    else:
        console.print(f"Unchanged: {built.version} is of the same content")
    _print_about(built.about)


def _print_about(about: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    for alias, each in about["indexes"].items():
        console.print(f"{alias}: {each['documents']:,} documents of {each['index']}")
    counts = dict(about["counts"])
    entries = counts.pop("entries")
    console.print(", ".join(f"{count:,} {part}" for part, count in counts.items()))
    console.print("entries: " + ", ".join(f"{count:,} {part}" for part, count in entries.items()))
    report = about["categories"]
    measured = [part for part in ("titles", "queries") if part in report]
    if not measured:
        return
    table = Table(f"{report['categories']} categories, on unseen products", *measured, box=None)
    for name in report[measured[0]]:
        table.add_row(name.replace("_", " "), *(f"{report[part][name]:,}" for part in measured))
    console.print(table)
    if ignored := report.get("unknown_categories_of_behaviour"):
        console.print(f"Left out of the behaviour, too few products: {', '.join(ignored)}")


@understand_app.command("list")
def list_command() -> None:
    """All published lexicons, oldest first; the one in use is marked.

    Example: `souk understand list`
    """
    from rich.console import Console
    from rich.table import Table

    shelf = _shelf()
    current = shelf.current()
    table = Table("", "version", "documents", "words", "entries", box=None)
    for version in shelf.versions():
        counts = version.about.get("counts", {})
        sums = (counts.get("documents", 0), counts.get("words", 0), sum(counts.get("entries", {}).values()))
        table.add_row("→" if version.name == current else "", version.name, *(f"{each:,}" for each in sums))
    Console(highlight=False).print(table if table.row_count else "No lexicon is published: souk understand build")


@understand_app.command("show")
def show_command(
    version: Annotated[str | None, typer.Argument(help="default: the one in use")] = None,
    query: Annotated[str | None, typer.Option(help="what the lexicon knows of these words")] = None,
) -> None:
    """What a lexicon was made of; with --query, what it knows of the words.

    Examples: `souk understand show`, `souk understand show --query "hp laserjet toner"`
    """
    found = _version(_shelf(), version)
    if query is None:
        _print_about(found.about)
    else:
        _print_words(found, query)


def _print_words(version: Version, query: str) -> None:
    from rich.console import Console
    from rich.table import Table

    from api.understand.lexicon import Lexicon
    from api.understand.vocabulary import words_of

    lexicon, console = Lexicon.load(version), Console(highlight=False)
    words = words_of(query)
    table = Table("word", "documents", "idf", "in", "", box=None)
    for word in words:
        groups = ", ".join(f"{group} {count}" for group, count in lexicon.counts(word).items() if count)
        marks = [*["protected"] * lexicon.protected(word), *["thing"] * (word in lexicon.things)]
        table.add_row(word, str(lexicon.count(word)), f"{lexicon.idf(word):.2f}", groups, ", ".join(marks))
    console.print(table)
    texts = {" ".join(words[first:last]) for first in range(len(words)) for last in range(first + 1, len(words) + 1)}
    for entry in lexicon.entries:
        if entry.text in texts:
            console.print(f"{entry.text}: {entry.type} {entry.value!r} ({entry.field}), {entry.count} documents")
    for label, share in lexicon.categories(query):
        console.print(f"category {label}: {share:.2f}")


@understand_app.command("rollback")
def rollback_command(
    version: Annotated[str | None, typer.Argument(help="default: the one before that in use")] = None,
) -> None:
    """Use an earlier lexicon again. Running API processes follow.

    Examples: `souk understand rollback`, `souk understand rollback 20260101-120000-0a1b2c3d`
    """
    from api.understand.lexicon import Lexicon

    shelf = _shelf()
    wanted = shelf.get(version) if version else _before(shelf)
    Lexicon.load(wanted)  # not to one that nobody could load
    shelf.make_current(wanted.name)
    typer.echo(f"In use: {wanted.name}")


def _before(shelf: Shelf) -> Version:
    from stack.errors import NotFoundError

    versions = shelf.versions()
    places = [place for place, each in enumerate(versions) if each.name == shelf.current()]
    if not places or places[0] == 0:
        known = ", ".join(each.name for each in versions) or "none"
        raise NotFoundError("there is no lexicon before the one in use", f"Name one: {known}")
    return versions[places[0] - 1]


def _shelf() -> Shelf:
    from learn.lexicon.build import SHELF
    from stack.published import Shelf
    from stack.settings import load_settings

    return Shelf(load_settings().published, SHELF)


def _version(shelf: Shelf, name: str | None) -> Version:
    from stack.errors import NotFoundError

    wanted = name or shelf.current()
    if wanted is None:
        raise NotFoundError("no lexicon is published", "Build one: souk understand build")
    return shelf.get(wanted)


@synonyms_app.callback()
def _synonyms() -> None:
    """Synonyms: candidates from the catalogue and the query log."""


@synonyms_app.command("suggest")
def suggest_command(
    out: Annotated[Path | None, typer.Option(help="write the candidates here instead of to the terminal")] = None,
    queries: Annotated[
        list[Path] | None, typer.Option(help="query log: UBI queries and events, NDJSON, plain or gzip. Repeatable.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="whose synonym file; default: the first language")] = None,
    most: Annotated[int, typer.Option(min=1, help="how many")] = 100,
) -> None:
    """Candidates for mappings/synonyms/, each with its evidence, for a human to accept. Nothing is applied.

    Examples: `souk synonyms suggest --out candidates.txt`,
    `souk synonyms suggest --queries ubi_queries.jsonl.gz --queries ubi_events.jsonl.gz`
    """
    from learn.lexicon.progress import watching
    from learn.lexicon.synonyms.candidate import as_text
    from learn.lexicon.synonyms.suggest import suggest
    from stack.client import connect
    from stack.embedding import load_encoder
    from stack.settings import load_settings

    settings = load_settings()
    chosen = language or settings.languages[0]
    encode = load_encoder(settings).encode_documents
    with connect(settings) as client, watching() as watcher:
        found = suggest(client, settings, chosen, queries or (), encode, watcher, most)
    text = as_text(found, chosen)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        typer.echo(f"{len(found)} candidates written to {out}")
