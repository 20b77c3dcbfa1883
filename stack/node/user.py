"""The user the engine runs as. OpenSearch refuses to run as root, so root starts it as somebody with fewer rights."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stack.errors import EngineStartError

NAME = "souk"


@dataclass(frozen=True)
class EngineUser:
    """An unprivileged user that root switches to."""

    name: str
    uid: int
    gid: int

    def can_run(self, path: Path) -> bool:
        """Whether this user may execute the file, or enter the folder, through all of its parents."""
        return self._test("-x", path)

    def can_write(self, path: Path) -> bool:
        return self._test("-w", path)

    def _test(self, flag: str, path: Path) -> bool:
        # Asked of the kernel as that user: groups, ACLs and mount options count too, which mode bits alone do not show.
        command = [shutil.which("test") or "/usr/bin/test", flag, str(path)]
        done = subprocess.run(command, user=self.uid, group=self.gid, extra_groups=[], check=False, cwd="/")  # noqa: S603
        return done.returncode == 0


def engine_user(say: Callable[[str], None]) -> EngineUser | None:
    """None when we are not root: the engine then runs as ourselves. For root the system user `souk`, made if absent."""
    if os.geteuid() != 0:
        return None
    user = _look_up(NAME) or _create() or _look_up("nobody")
    if user is None:
        raise EngineStartError(
            "the engine may not run as root, and no user for it could be made",
            "Run: useradd --system souk; or run souk as an ordinary user",
        )
    say(f"Running as root: the engine runs as the unprivileged user {user.name}")
    return user


def _look_up(name: str) -> EngineUser | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return EngineUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create() -> EngineUser | None:
    useradd = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if useradd is None:
        return None
    command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]
    # A second process may have made it meanwhile, so what counts is that it is there afterwards.
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    return _look_up(NAME)
