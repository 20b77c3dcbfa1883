"""`souk serve` and `souk search`: the search core over HTTP and in the terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from api.compare_cli import compare
from api.events.cli import events_app
from stack.errors import InputError, Mistake
from stack.settings import Settings, load_settings

if TYPE_CHECKING:
    from api.model import Answer, SearchRequest

# The heavy imports (web server, embedding) stand inside the commands, so that `souk --help` answers at once.


def register(app: typer.Typer) -> None:
    """Add this package's commands to the `souk` command."""
    app.command()(serve)
    app.command()(search)
    app.command()(compare)
    app.add_typer(events_app, name="events")


def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on [default: SOUK_API_HOST]")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="port [default: SOUK_API_PORT]")] = None,
    workers: Annotated[
        int | None, typer.Option(help="processes that share the port [default: SOUK_API_WORKERS, 1]")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="open the search page in a browser")] = False,
) -> None:
    """Serve the JSON API and the search page.

    TERM ends it gently: for SOUK_DRAIN_S seconds requests are still answered, and /readyz says 503. Ctrl-C ends it now.

    Examples: `souk serve --open`, `souk serve --host 0.0.0.0 --port 8080`, `souk serve --workers 4`
    """
    from api.http.server import run

    overrides: dict[str, object] = {"api_host": host, "api_port": port, "api_workers": workers}
    settings = load_settings(**{name: value for name, value in overrides.items() if value is not None})
    run(settings, announce=lambda url: _announce(url, open_))


def _announce(url: str, browser: bool) -> None:
    typer.echo(f"Souk is at {url} (stop with Ctrl-C)")
    if browser:
        typer.launch(url)


def search(
    words: Annotated[str, typer.Argument(metavar="WORDS", help="what to search for; empty to browse")] = "",
    type_: Annotated[list[str] | None, typer.Option("--type", help="product, video or live; repeatable")] = None,
    filter_: Annotated[
        list[str] | None, typer.Option("--filter", help="field=value, or a range like price=10..50; repeatable")
    ] = None,
    sort: Annotated[str, typer.Option(help="order of the hits")] = "relevance",
    page: Annotated[int, typer.Option(help="page, from 1")] = 1,
    size: Annotated[int, typer.Option(help="hits on a page")] = 20,
    json: Annotated[bool, typer.Option("--json", help="one hit a line as JSON")] = False,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="a step or stage to leave out, like spelling; repeatable")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="say of each hit why it stands where it does")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="show the stages too, on standard error")] = False,
) -> None:
    """Search in the terminal, through the same core as the API.

    Examples: `souk search "wireless mouse"`, `souk search mouse --type product --filter price=10..50`,
    `souk search "wirless mouse" --explain`, `souk search "wirless mouse" --without spelling`,
    `souk search --sort newest --json | jq .id`
    """
    from api import terminal

    settings = load_settings()
    rest = {"sort": sort, "page": str(page), "size": str(size), "debug": str(debug), "explain": str(explain)}
    rest |= {"without": ",".join(without)} if without else {}
    answer = asyncio.run(_answer(_request(words, type_ or [], filter_ or [], rest, settings), settings))
    if json:
        terminal.print_json_lines(answer)
    else:
        terminal.print_table(answer)
    if debug:
        terminal.print_stages(answer)


def _request(
    words: str, types: list[str], filters: list[str], rest: dict[str, str], settings: Settings
) -> SearchRequest:
    """The same parser as the query string's. Raises InputError with every mistake."""
    from api.http.query_params import read_search
    from api.query.fields import load_fields

    split = [one.partition("=") for one in filters]
    unsplit = [Mistake("--filter", f"{name!r} is not field=value") for name, equals, _ in split if not equals]
    pairs = [("q", words), *(("types", one) for one in types), *rest.items()]
    pairs += [(f"filter.{name}", value) for name, equals, value in split if equals]
    request, _, mistakes = read_search(pairs, load_fields(settings.mappings_dir))
    if request is None or unsplit:
        raise InputError([*unsplit, *mistakes])
    return request


async def _answer(request: SearchRequest, settings: Settings) -> Answer:
    from api.bootstrap import build_searcher

    async with build_searcher(settings) as searcher:
        return await searcher.search(request)
