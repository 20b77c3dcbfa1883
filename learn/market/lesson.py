"""`souk demo` learns: the steps of `learning.py`, one after the other, while the search page is there already."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from learn.market.learning import Learning, Step
from stack.background import Background
from stack.documents import KINDS
from stack.errors import SoukError
from stack.settings import Settings

Say = Callable[[str], None]
NAME = "learning"  # `souk stop` finds it by this
TAKEN_UP_S = 10


def learn_market(settings: Settings, seed: int, url: str, say: Say) -> bool:
    """Learn what is not learnt yet. False when something failed: the page goes on with what there is."""
    under_way = Background(settings.state_dir, NAME)
    if under_way.find():
        say("Another souk demo is learning already")
        return True
    learning = Learning(settings, settings.state_dir / "market", seed)
    todo = learning.todo()
    if not todo:
        say("The ranking is learnt already: neither the market nor the rules have changed")
        return True
    under_way.log.unlink(missing_ok=True)
    say("Now it learns from the market's truth. The page can be used meanwhile; Ctrl-C leaves it as it is")
    started = time.monotonic()
    try:
        for step in todo:
            _learn(step, learning, under_way, say)
    except (SoukError, OSError, KeyboardInterrupt) as problem:
        say(f"Learning ended early{f': {problem}' if str(problem) else ''}")
        page = (
            f"The page goes on with what there is: {url}" if _get(f"{url}/readyz") else "The page is not there any more"
        )
        say(f"{page}. souk demo goes on from here, souk demo --no-learn serves without")
        return False
    say(f"Learnt in {time.monotonic() - started:.0f} s; {_in_use(url, learning.steps)}: {url}")
    return True


def _learn(step: Step, learning: Learning, under_way: Background, say: Say) -> None:
    """Do a step, note it, say what came of it."""
    started, before = time.monotonic(), step.published()
    _run(step, under_way)
    now = step.published()
    published = None if step.name in KINDS and now == before else now
    learning.note(step, published)
    if step.shelf is None:
        what = f"in {step.makes}"
    elif now != before:
        what = f"{now} is in use"
    else:
        what = "no better than the first stage: not published" if step.name in KINDS else "as before"
    told = ", ".join(part for part in (step.figures(), what) if part)
    say(f"  {step.name}: {told} ({time.monotonic() - started:.0f} s)")


def _run(step: Step, under_way: Background) -> None:
    """Run its command: progress is shown, its report is kept in a log. `souk stop` can end it meanwhile."""
    under_way.log.parent.mkdir(parents=True, exist_ok=True)
    with under_way.log.open("ab") as log:
        child = subprocess.Popen([sys.executable, "-m", "souk", *step.command], stdout=log)  # noqa: S603
        under_way.adopt(child.pid)
        try:
            code = child.wait()
        finally:
            under_way.stop()
    if code:
        how = f"ended with code {code}" if code > 0 else f"was ended by signal {-code}"
        raise SoukError(f"souk {' '.join(step.command)} {how}", f"Its output is above and in {under_way.log}")


def _in_use(url: str, steps: list[Step]) -> str:
    """What the running page has taken up: it looks for new versions when it is searched."""
    wanted = {step.shelf.name: now for step in steps if step.shelf and (now := step.published())}
    until = time.monotonic() + TAKEN_UP_S
    while time.monotonic() < until:
        _get(f"{url}/v1/search?q=lamp")
        seen = _get(f"{url}/readyz").get("published", {})
        if all(seen.get(name, {}).get("version") == version for name, version in wanted.items()):
            return f"the page uses {', '.join(wanted)}"
        time.sleep(0.5)
    return f"the page has not taken it up yet, see {url}/readyz"


def _get(url: str) -> dict[str, Any]:
    """The JSON of an address of ours; {} when there is none."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  our own loopback address
            return dict(json.load(answer))
    except (OSError, ValueError):
        return {}
