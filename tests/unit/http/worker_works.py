"""What the worker processes of `test_workers.py` do; in a module of its own, so that they load little."""

from __future__ import annotations

import os
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

READY = "ready"


def obedient(notes: Path, boss: Connection) -> None:
    """Ready at once; ends when told, and notes how long it may drain."""
    boss.send(READY)
    (notes / f"started-{os.getpid()}").touch()
    (notes / f"drain-{os.getpid()}").write_text(str(boss.recv()))


def refuses(notes: Path, boss: Connection) -> None:
    boss.send(("the indexes are missing", "Run souk apply"))
    sys.exit(2)


def crashes(notes: Path, boss: Connection) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crashes_once(notes: Path, boss: Connection) -> None:
    """The first of all dies at once, the others obey."""
    try:
        (notes / "crashed").touch(exist_ok=False)
    except FileExistsError:
        obedient(notes, boss)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def deaf(notes: Path, boss: Connection) -> None:
    boss.send(READY)
    time.sleep(60)
