"""Published artefacts: versioned folders, one of them current. Lexicons and ranking models are kept so.

    <root>/<name>/<version>/…      never changed once it is there
    <root>/<name>/CURRENT          the name of the version in use; replaced atomically

A process that serves reads CURRENT again from time to time (`Watched`) and loads a new version beside the old one.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from stack.errors import ConfigError, NotFoundError, SoukError

log = logging.getLogger("souk.published")

ABOUT = "about.json"
CURRENT = "CURRENT"
VERSION = re.compile(r"[a-z0-9][a-z0-9._-]{0,80}")
T = TypeVar("T")


@dataclass(frozen=True)
class Version:
    """One published version: its folder and what `about.json` says of it."""

    name: str
    folder: Path
    about: dict[str, Any]


@dataclass(frozen=True)
class Shelf:
    """The versions of one artefact, `<root>/<name>`."""

    root: Path
    name: str

    @property
    def folder(self) -> Path:
        return self.root / self.name

    @contextmanager
    def publishing(self, version: str, about: dict[str, Any], current: bool = True) -> Iterator[Path]:
        """Write a new version into the folder that is given; it appears whole, or not at all, when the block ends.

        Raises ConfigError when the version's name is not a plain one or is there already, also when another process
        publishes it meanwhile.
        """
        if not VERSION.fullmatch(version):
            raise ConfigError(f"{version!r} is no name for a version", "Use lower-case letters, digits, . _ and -")
        target = self.folder / version
        taken = ConfigError(
            f"{self.name} {version} is published already", "A version never changes: choose another name"
        )
        if target.exists():
            raise taken
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=self.folder))
        try:
            unfinished.chmod(0o755)
            yield unfinished
            (unfinished / ABOUT).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            try:
                unfinished.rename(target)
            except OSError as error:
                raise (taken if target.exists() else error) from None
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        if current:
            self.make_current(version)

    def make_current(self, version: str) -> None:
        """Point CURRENT at a version. Raises NotFoundError when there is none of that name."""
        self.get(version)
        handle, written = tempfile.mkstemp(prefix=".current-", dir=self.folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(version + "\n")
        Path(written).chmod(0o644)
        Path(written).replace(self.folder / CURRENT)

    def current(self) -> str | None:
        """The version in use; None when nothing was published. What is no name is given as it is: no version has it."""
        try:
            return (self.folder / CURRENT).read_text(encoding="utf-8", errors="replace").strip() or None
        except FileNotFoundError:
            return None

    def versions(self) -> list[Version]:
        """All versions, oldest first."""
        return [self.get(name) for name in self.names()]

    def names(self) -> list[str]:
        """The names of all versions, oldest first. A folder that is not named as one is somebody else's."""
        folders = [path for path in self.folder.glob("*") if path.is_dir() and VERSION.fullmatch(path.name)]
        return [path.name for path in sorted(folders, key=lambda path: (path.stat().st_mtime_ns, path.name))]

    def get(self, version: str) -> Version:
        """One version. Raises NotFoundError when there is none, ConfigError when its `about.json` cannot be read."""
        folder = self.folder / version
        if not VERSION.fullmatch(version) or not folder.is_dir():
            known = ", ".join(sorted(path.name for path in self.folder.glob("[!.]*") if path.is_dir())) or "none"
            raise NotFoundError(f"{self.name} has no version {version!r}", f"There is: {known}")
        try:
            about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"{self.name} {version}: {ABOUT}: {error}", "Publish it again, or roll back") from error
        return Version(version, folder, about)


class Watched(Generic[T]):
    """The current version of a shelf, loaded; looked at again every `every_s` seconds at most.

    A version that cannot be loaded is logged once and the one in use stays: a bad publication takes nothing down.
    `problem` says why a version was refused, None when the current one is in use.
    """

    def __init__(
        self,
        shelf: Shelf,
        load: Callable[[Version], T],
        every_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.shelf = shelf
        self._load = load
        self._every_s = every_s
        self._clock = clock
        self._looked_at = float("-inf")
        self._seen: str | None = None
        self._value: T | None = None
        self.version: str | None = None
        self.problem: str | None = None

    def get(self) -> T | None:
        """What is loaded; None when nothing is published. Call `refresh` off the event loop to load."""
        return self._value

    def load(self, version: str) -> T:
        """Any version of the shelf, beside the one in use. Raises as `Shelf.get` and loading do."""
        return self._load(self.shelf.get(version))

    @property
    def stale(self) -> bool:
        """Is it time to look again?"""
        return self._clock() - self._looked_at >= self._every_s

    def refresh(self) -> None:
        """Look at CURRENT and load what it names, unless it is the one that was seen last."""
        self._looked_at = self._clock()
        try:
            wanted = self.shelf.current()
        except OSError as error:
            self.problem = str(error)
            return
        if wanted == self._seen:
            return
        self._seen = wanted
        if wanted is None:
            self._value, self.version, self.problem = None, None, None
            return
        try:
            self._value = self._load(self.shelf.get(wanted))
        except SoukError as error:
            self._refuse(wanted, str(error))
            return
        except Exception as error:  # noqa: BLE001  whatever a reader trips over: what serves goes on
            self._refuse(wanted, f"{type(error).__name__}: {error}")
            return
        self.version, self.problem = wanted, None
        log.info("%s %s is in use", self.shelf.name, wanted)

    def _refuse(self, wanted: str, problem: str) -> None:
        self.problem = problem
        log.error("%s %s is not used: %s", self.shelf.name, wanted, problem)
