"""Processes that outlive the command that starts them: started, found again, ended by their pid."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from stack.processes import running

STOP_S = 10


class Background:
    """One background process, known by a file in the state folder: `<name>.json`, its output in `<name>.log`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._file = folder / f"{name}.json"

    def find(self) -> psutil.Process | None:
        """The process when it still runs; None when it ended or its pid is another's by now."""
        try:
            known = json.loads(self._file.read_text(encoding="utf-8"))
            return running(int(known["pid"]), float(known["create_time"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def about(self) -> dict[str, object]:
        """What was noted when it was started."""
        try:
            return dict(json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return {}

    def start(self, command: Sequence[str], environment: Mapping[str, str], **about: object) -> psutil.Process:
        """Start it in a session of its own. Raises OSError when that cannot be."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as output:
            child = subprocess.Popen(  # noqa: S603
                list(command),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child.returncode = 0  # it is meant to outlive us
        return self.adopt(child.pid, **about)

    def adopt(self, pid: int, **about: object) -> psutil.Process:
        """Note a process that was started elsewhere, so that it can be found and stopped by this name."""
        process = psutil.Process(pid)
        note = {"pid": process.pid, "create_time": process.create_time(), **about}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(note), encoding="utf-8")
        return process

    def stop(self) -> bool:
        """End it: TERM, then KILL. False when it did not run."""
        process = self.find()
        self._file.unlink(missing_ok=True)
        if process is None:
            return False
        try:
            process.terminate()
            process.wait(STOP_S)
        except psutil.TimeoutExpired:
            process.kill()
        except psutil.NoSuchProcess:
            pass
        return True

    def last_lines(self, count: int = 15) -> str:
        """The end of its output."""
        try:
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
        except OSError:
            return ""
