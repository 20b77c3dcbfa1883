"""Where files go, above all under root, whose home the engine's user cannot enter."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from stack.errors import EngineStartError
from stack.node import places as places_module
from stack.node.places import choose_places, make_folder, need_disk, prepare
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
    assert said == []


def test_root_moves_what_the_engine_cannot_enter_and_says_so(closed: Path, tmp_path: Path) -> None:
    user = Confined("souk", 1, 1, closed)
    said: list[str] = []
    chosen = choose_places(Settings(state_dir=closed / "s", cache_dir=closed / "c"), user, None, said.append)
    assert chosen.node.parent == places_module.ROOT_STATE
    assert chosen.cache == places_module.ROOT_CACHE
    assert len(said) == 2
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
    user = Confined("souk", 1, 1, tmp_path / "none")
    monkeypatch.setattr(Confined, "can_write", lambda self, path: path in given)
    data = tmp_path / "photos"
    data.mkdir()
    (data / "holiday.jpg").write_text("")
    settings = Settings(state_dir=tmp_path / "s", cache_dir=tmp_path / "c")
    with pytest.raises(EngineStartError, match="cannot be written by souk"):
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
