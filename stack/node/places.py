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
    """Absolute folders. All nodes only read `cache` and write snapshots to `snapshots`; the others belong to one."""

    cache: Path
    node: Path
    data: Path
    snapshots: Path

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
    settings: Settings, user: EngineUser | None, data_dir: Path | None, say: Callable[[str], None], number: int = 1
) -> Places:
    """The configured folders; under root, others where the engine's user could not enter those, which is said.

    `number`: the node's, from 1. The first lies in `engine`, the second in `engine-2`; so do their data folders.
    """
    state, cache, snapshots = (absolute(path) for path in (settings.state_dir, settings.cache_dir, settings.snapshots))
    node = state / "engine"
    if user is not None:
        closed = ROOT_STATE / hashlib.blake2b(str(state).encode(), digest_size=6).hexdigest()
        if not user.can_run(nearest_existing(node)):
            node = closed
            say(f"User {user.name} cannot enter {state}: the engine's data lies in {_numbered(node, number)}")
        if not user.can_run(nearest_existing(cache)):
            cache = ROOT_CACHE
            say(f"User {user.name} cannot enter {settings.cache_dir}: the engine is unpacked in {cache}")
        if not user.can_run(nearest_existing(snapshots)):
            snapshots = closed.with_name(f"{closed.name}-snapshots")
            say(f"User {user.name} cannot enter {settings.snapshots}: snapshots lie in {snapshots}")
    named = absolute(data_dir) if data_dir and absolute(data_dir) != node / "data" else None
    node = _numbered(node, number)
    return Places(cache, node, _numbered(named, number) if named else node / "data", snapshots)


def _numbered(folder: Path, number: int) -> Path:
    return folder if number == 1 else folder.with_name(f"{folder.name}-{number}")


def prepare(places: Places, user: EngineUser | None) -> None:
    """Make the node's folders, writable for the user the engine runs as. Raises EngineStartError.

    Root writes below them too, so the folders where it does are not the engine user's to exchange for links:
    `node` stays root's, and in `config` the engine may add files (its keystore), but change only its own.
    """
    make_folder(places.node)
    _keep(places.node, user, 0o755)
    mine = (places.config, places.logs, places.tmp, places.data, places.snapshots)
    for folder in mine:
        _refuse_link(folder, user)
        make_folder(folder)
    _keep(places.config, user, 0o1775)
    for folder in (places.logs, places.tmp):
        _give(folder, user)
    _hand_over(places.data, user, ours=places.data.is_relative_to(places.node))
    _hand_over(places.snapshots, user, ours=False)
    for folder in mine:
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


def _hand_over(folder: Path, user: EngineUser | None, *, ours: bool) -> None:
    """A folder the user named may hold other things: it changes hands only while it is empty."""
    if user is not None and (ours or not any(folder.iterdir())):
        _give(folder, user)


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
            "Choose another folder (SOUK_STATE_DIR, SOUK_SNAPSHOT_DIR, --data-dir)",
        )
    if not (user.can_write(folder) if user else os.access(folder, os.W_OK)):
        raise EngineStartError(
            f"{folder} belongs to {folder.owner()} and cannot be written by {who}",
            f"Run: sudo chown -R {user.name if user else '$USER'} {folder}; or choose another folder "
            "(SOUK_STATE_DIR, SOUK_SNAPSHOT_DIR, --data-dir)",
        )
