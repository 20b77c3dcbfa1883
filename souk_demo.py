"""`souk demo` and `souk stop`: the whole shop on one machine, by the same commands that a real catalogue takes.

engine up → apply → market generated → ingested → lives kept alive → search page served → ranking learnt from the
market's own truth, while the page is there already
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from typing import Annotated

import typer

from api.http.address import address_of
from stack.background import Background
from stack.errors import EngineStartError, SoukError
from stack.settings import Settings, load_settings

READY_S = 60
# Of 40 rooms one or two are right for a query, and the first stage finds them: no order of them can be learnt.
LIVES = 120


def register(app: typer.Typer) -> None:
    """Add the commands to the `souk` command."""
    app.command()(demo)
    app.command()(stop)


def demo(
    seed: Annotated[int, typer.Option(help="Seed of the generated market.")] = 7,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser where there is one.")] = True,
    learn: Annotated[
        bool, typer.Option("--learn/--no-learn", help="Learn words and ranking from the market, once the page is up.")
    ] = True,
) -> None:
    """Start everything with a small generated market, and open the search page. Safe to repeat; `souk stop` ends it.

    The page is served first. Then the lexicon and a ranking model of each type are learnt from the market's own truth,
    and taken up by the page as they come; a later run skips what has not changed.

    Examples: `souk demo`, `souk demo --no-learn`
    """
    from learn.market.lesson import learn_market
    from stack import node

    started = time.monotonic()
    settings = load_settings()
    if not settings.opensearch_url:
        node.start(settings, say=_say)
    _souk("apply")
    _fill(settings, seed)
    if settings.events:
        _behave(settings, seed)
    url = _serve(settings)
    _say(f"Souk is at {url}  (up in {time.monotonic() - started:.0f} s; make stop ends it)")
    if browser and sys.stdout.isatty() and (os.environ.get("DISPLAY") or sys.platform == "darwin"):
        typer.launch(url)
    if learn and not learn_market(settings, seed, url, _say):
        raise typer.Exit(1)


def stop() -> None:
    """End what `souk demo` started: learning, the search page, the market's pulse, the local engine. The data stays.

    Example: `souk stop`
    """
    from stack import node

    settings = load_settings()
    for name in ("learning", "serve", "pulse"):
        if Background(settings.state_dir, name).stop():
            _say(f"{name} is stopped")
    if not settings.opensearch_url:
        _say("The engine is stopped" if node.stop(settings, _say) else "No engine of ours is running")


def _fill(settings: Settings, seed: int) -> None:
    """Generate and ingest. The same seed gives the same market, which is then left as it is; only the lives are of
    today."""
    folder = settings.state_dir / "market"
    _souk("market", "generate", "--out", str(folder), "--seed", str(seed), "--lives", str(LIVES), "--force")
    for kind in ("products", "videos", "lives", "sellers", "creators"):
        _souk("ingest", kind, str(folder / f"{kind}.jsonl"))
    pulse = Background(settings.state_dir, "pulse")
    pulse.stop()
    pulse.start([sys.executable, "-m", "souk", "market", "pulse"], os.environ)


def _behave(settings: Settings, seed: int) -> None:
    """Two weeks of shoppers up to today, so that Dashboards and popular queries have something to show; once a day."""
    from learn.market.recent import recent

    shoppers = recent(settings, settings.state_dir / "market", seed)
    if shoppers.is_done():
        return
    for command in shoppers.commands:
        _souk(*command)
    shoppers.note()


def _serve(settings: Settings) -> str:
    """The address of the search page: the one that runs, or a new one."""
    page = Background(settings.state_dir, "serve")
    if page.find() and (url := str(page.about().get("url", ""))) and _is_ready(url):
        return url
    page.stop()
    url = address_of(settings.api_host, settings.api_port)
    no_balancer = {"SOUK_DRAIN_S": "0"} | dict(os.environ)  # so that souk stop need not wait for one to notice
    process = page.start([sys.executable, "-m", "souk", "serve"], no_balancer, url=url)
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        if not process.is_running() or page.find() is None:
            break
        if _is_ready(url):
            return url
        time.sleep(0.2)
    page.stop()
    raise EngineStartError(f"the search page did not start; the end of {page.log}:\n{page.last_lines()}")


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:  # noqa: S310  our own loopback address
            return bool(json.load(answer).get("status") == "ready")
    except (OSError, ValueError):
        return False


def _souk(*arguments: str) -> None:
    """Run a souk command as a user would, its output and progress shown."""
    done = subprocess.run([sys.executable, "-m", "souk", *arguments], check=False)  # noqa: S603
    if done.returncode:
        raise SoukError(f"souk {' '.join(arguments)} ended with code {done.returncode}", "Its message stands above")


def _say(message: str) -> None:
    typer.echo(message, err=True)
