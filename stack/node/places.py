"""Where the engine's files lie: the shared distribution in a cache, one node's data, logs and configuration apart."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from stack.errors import EngineStartError
from stack.node.user import EngineUser
from stack.settings import Settings

# Root's own home is closed to other users (0700), and with it a clone or a cache below it.
ROOT_STATE = Path("/var/lib/souk")
ROOT_CACHE = Path("/var/cache/souk")


@dataclass(frozen=True)
class Places:
    """Absolute folders. `cache` is shared by all nodes and only read by them; the others belong to one node."""

    cache: Path
    node: Path
    data: Path

    @property
    def config(self) -> Path:
        return self.node / "config"

    @property
    def logs(self) -> Path:
        return self.node / "logs"

    @property
    def tmp(self) -> Path:
        return self.node / "tmp"


def choose_places(
    settings: Settings, user: EngineUser | None, data_dir: Path | None, say: Callable[[str], None]
) -> Places:
    """The configured folders; under root, others where the engine's user could not enter those, which is said."""
    state, cache = absolute(settings.state_dir), absolute(settings.cache_dir)
    node = state / "engine"
    if user is not None:
        if not user.can_run(nearest_existing(node)):
            node = ROOT_STATE / hashlib.blake2b(str(state).encode(), digest_size=6).hexdigest()
            say(f"User {user.name} cannot enter {state}: the engine's data lies in {node}")
        if not user.can_run(nearest_existing(cache)):
            cache = ROOT_CACHE
            say(f"User {user.name} cannot enter {settings.cache_dir}: the engine is unpacked in {cache}")
    return Places(cache, node, absolute(data_dir) if data_dir else node / "data")


def prepare(places: Places, user: EngineUser | None) -> None:
    """Make the node's folders, writable for the user the engine runs as. Raises EngineStartError.

    Root writes below them too, so the folders where it does are not the engine user's to exchange for links:
    `node` stays root's, and in `config` the engine may add files (its keystore), but change only its own.
    """
    make_folder(places.node)
    _keep(places.node, user, 0o755)
    for folder in (places.config, places.logs, places.tmp, places.data):
        _refuse_link(folder, user)
        make_folder(folder)
    _keep(places.config, user, 0o1775)
    for folder in (places.logs, places.tmp):
        _give(folder, user)
    _hand_over_data(places, user)
    for folder in (places.config, places.logs, places.tmp, places.data):
        _check_writable(folder, user)


def make_folder(folder: Path) -> None:
    """Make a folder and its missing parents, open to be entered whatever the umask. Raises EngineStartError."""
    try:
        for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
            missing.mkdir(exist_ok=True)
            missing.chmod(0o755)
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise EngineStartError(
            f"cannot make the folder {folder}: {error.strerror}",
            "Set SOUK_STATE_DIR (data, logs) or SOUK_CACHE_DIR (distribution) to a folder you own",
        ) from error


def create_file(path: Path) -> IO[bytes]:
    """A new file in place of what has the name: never one that a link leads to. Raises EngineStartError."""
    try:
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise EngineStartError(f"cannot write {path}: {error.strerror}", f"Remove {path}") from error
    return os.fdopen(handle, "wb")


def need_disk(folder: Path, needed_mb: int, variable: str) -> None:
    """Raises EngineStartError when the disk that holds `folder` has less than `needed_mb` MB free."""
    free_mb = shutil.disk_usage(nearest_existing(folder)).free // 1_000_000
    if free_mb < needed_mb:
        raise EngineStartError(
            f"no disk: {folder} has {free_mb} MB free, {needed_mb} MB are needed",
            f"Free some, or set {variable} to a folder on another disk",
        )


def nearest_existing(path: Path) -> Path:
    """The path itself or its closest parent that exists."""
    return next(candidate for candidate in (path, *path.parents) if candidate.exists())


def absolute(path: Path) -> Path:
    return path.expanduser().resolve()


def _hand_over_data(places: Places, user: EngineUser | None) -> None:
    if user is None:
        return
    # A folder the user named may hold other things: it changes hands only while it is empty.
    ours = places.data.is_relative_to(places.node)
    if ours or not any(places.data.iterdir()):
        _give(places.data, user)


def _keep(folder: Path, user: EngineUser | None, mode: int) -> None:
    """Root's own folder, which the engine's user can enter: as its group, which `mode` may let write."""
    if user is not None:
        os.chown(folder, os.geteuid(), user.gid, follow_symlinks=False)
        folder.chmod(mode)


def _refuse_link(folder: Path, user: EngineUser | None) -> None:
    """A link of the engine's user in place of a folder would have root change hands of whatever it leads to."""
    if user is not None and folder.is_symlink() and folder.lstat().st_uid == user.uid:
        raise EngineStartError(f"{folder} is a link, made by {user.name}", f"Remove {folder}")


def _give(folder: Path, user: EngineUser | None) -> None:
    """Hand a folder and all below it to the user; links are not followed."""
    if user is None:
        return
    if folder.stat().st_uid == user.uid:
        return
    os.chown(folder, user.uid, user.gid)
    for parent, names, files in os.walk(folder):
        for name in (*names, *files):
            os.chown(Path(parent) / name, user.uid, user.gid, follow_symlinks=False)


def _check_writable(folder: Path, user: EngineUser | None) -> None:
    who = user.name if user else "you"
    if not (user.can_run(folder) if user else os.access(folder, os.X_OK)):
        raise EngineStartError(
            f"{who} cannot enter {folder}: a folder above it is closed to others",
            "Choose another folder (SOUK_STATE_DIR, --data-dir)",
        )
    if not (user.can_write(folder) if user else os.access(folder, os.W_OK)):
        raise EngineStartError(
            f"{folder} belongs to {folder.owner()} and cannot be written by {who}",
            f"Run: sudo chown -R {user.name if user else '$USER'} {folder}; or choose another folder "
            "(SOUK_STATE_DIR, --data-dir)",
        )
