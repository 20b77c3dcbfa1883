"""Where files go, above all under root, whose home the engine's user cannot enter."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from stack.errors import EngineStartError
from stack.node import places as places_module
from stack.node.places import choose_places, create_file, make_folder, need_disk, prepare
from stack.node.user import EngineUser
from stack.settings import Settings


@dataclass(frozen=True)
class Confined(EngineUser):
    """A user that can enter nothing below `closed`."""

    closed: Path = Path("/closed")

    def can_run(self, path: Path) -> bool:
        return not path.is_relative_to(self.closed)

    def can_write(self, path: Path) -> bool:
        return self.can_run(path)


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    folder = tmp_path / "closed"
    folder.mkdir()
    return folder


def test_an_ordinary_user_keeps_the_configured_folders(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "s", cache_dir=tmp_path / "c")
    said: list[str] = []
    chosen = choose_places(settings, None, None, said.append)
    assert (chosen.node, chosen.cache, chosen.data) == (
        tmp_path / "s" / "engine",
        tmp_path / "c",
        tmp_path / "s" / "engine" / "data",
    )
    assert chosen.snapshots == tmp_path / "s" / "snapshots"
    assert said == []


def test_each_node_has_folders_of_its_own_and_shares_the_snapshots(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "s", cache_dir=tmp_path / "c", snapshot_dir=tmp_path / "kept")
    first, second = (choose_places(settings, None, None, lambda _: None, number) for number in (1, 2))
    assert (first.node, second.node) == (tmp_path / "s" / "engine", tmp_path / "s" / "engine-2")
    assert second.data == second.node / "data"
    assert first.snapshots == second.snapshots == tmp_path / "kept"
    named = choose_places(settings, None, tmp_path / "d", lambda _: None, 2)
    assert named.data == tmp_path / "d-2"
    # The first node's folder given by name, as it is when a running engine gets more nodes, is no folder of its own.
    assert choose_places(settings, None, first.data, lambda _: None, 2) == second


def test_root_moves_what_the_engine_cannot_enter_and_says_so(closed: Path, tmp_path: Path) -> None:
    user = Confined("souk", 1, 1, closed)
    said: list[str] = []
    chosen = choose_places(Settings(state_dir=closed / "s", cache_dir=closed / "c"), user, None, said.append)
    assert chosen.node.parent == places_module.ROOT_STATE
    assert chosen.cache == places_module.ROOT_CACHE
    assert chosen.snapshots.parent == places_module.ROOT_STATE
    assert chosen.snapshots != chosen.node
    assert len(said) == 3
    other = choose_places(Settings(state_dir=closed / "t", cache_dir=tmp_path), user, None, said.append)
    assert other.node != chosen.node  # two clones, two engines
    assert other.cache == tmp_path


def test_a_named_data_folder_that_cannot_be_entered_is_an_error(closed: Path, tmp_path: Path) -> None:
    user = Confined("souk", tmp_path.stat().st_uid, tmp_path.stat().st_gid, closed)
    settings = Settings(state_dir=tmp_path / "s", cache_dir=tmp_path / "c")
    chosen = choose_places(settings, user, closed / "data", lambda _: None)
    with pytest.raises(EngineStartError, match=r"souk cannot enter .*closed/data") as raised:
        prepare(chosen, user)
    assert "--data-dir" in raised.value.remedy


def test_a_data_folder_with_other_things_does_not_change_hands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Path] = []
    monkeypatch.setattr(places_module, "_give", lambda folder, user: given.append(folder))
    user = Confined("souk", os.getuid(), os.getgid(), tmp_path / "none")
    data = tmp_path / "photos"
    monkeypatch.setattr(Confined, "can_write", lambda self, path: path != data)
    data.mkdir()
    (data / "holiday.jpg").write_text("")
    settings = Settings(state_dir=tmp_path / "s", cache_dir=tmp_path / "c")
    with pytest.raises(EngineStartError, match=r"photos belongs to .* and cannot be written by souk"):
        prepare(choose_places(settings, user, data, lambda _: None), user)
    assert data not in given


def test_folders_can_be_entered_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        make_folder(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert oct((tmp_path / "a").stat().st_mode & 0o777) == oct((tmp_path / "a" / "b").stat().st_mode & 0o777) == "0o755"


def test_disk_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    need_disk(tmp_path / "not" / "there", 1, "SOUK_STATE_DIR")
    with pytest.raises(EngineStartError, match="MB free") as raised:
        need_disk(tmp_path / "not" / "there", 10**12, "SOUK_STATE_DIR")
    assert "SOUK_STATE_DIR" in raised.value.remedy


@pytest.mark.parametrize("there", ["nothing", "file", "link", "dangling link"])
def test_a_file_of_ours_never_goes_through_a_link(tmp_path: Path, there: str) -> None:
    other, path = tmp_path / "passwd", tmp_path / "console.log"
    if there != "dangling link":
        other.write_text("kept")
    if there == "file":
        path.write_text("old")
    elif there != "nothing":
        path.symlink_to(other)
    with create_file(path) as file:
        file.write(b"new")
    assert path.read_text() == "new"
    assert not path.is_symlink()
    assert (other.read_text() if other.exists() else "") == ("" if there == "dangling link" else "kept")


def test_the_engine_may_add_to_the_configuration_but_not_exchange_it(tmp_path: Path) -> None:
    user = Confined("souk", os.getuid(), os.getgid(), tmp_path / "none")
    chosen = choose_places(Settings(state_dir=tmp_path / "s", cache_dir=tmp_path / "c"), user, None, lambda _: None)
    prepare(chosen, user)
    modes = {folder.name: oct(folder.stat().st_mode & 0o7777) for folder in (chosen.node, chosen.config, chosen.logs)}
    assert modes == {"engine": "0o755", "config": "0o1775", "logs": "0o755"}


def test_snapshots_that_are_there_do_not_change_hands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Path] = []
    monkeypatch.setattr(places_module, "_give", lambda folder, user: given.append(folder))
    user = Confined("souk", os.getuid(), os.getgid(), tmp_path / "none")
    kept, fresh = tmp_path / "kept", tmp_path / "fresh"
    kept.mkdir()
    (kept / "letter.txt").write_text("")
    for folder in (kept, fresh):
        settings = Settings(state_dir=tmp_path / "s", cache_dir=tmp_path / "c", snapshot_dir=folder)
        prepare(choose_places(settings, user, None, lambda _: None), user)
    assert kept not in given
    assert fresh in given


@pytest.mark.parametrize("name", ["config", "logs", "tmp", "data"])
def test_a_folder_that_the_engine_made_a_link_is_refused(tmp_path: Path, name: str) -> None:
    user = Confined("souk", os.getuid(), os.getgid(), tmp_path / "none")
    chosen = choose_places(Settings(state_dir=tmp_path / "s", cache_dir=tmp_path / "c"), user, None, lambda _: None)
    make_folder(chosen.node)
    (chosen.node / name).symlink_to(tmp_path)
    with pytest.raises(EngineStartError, match=f"{name} is a link"):
        prepare(chosen, user)
