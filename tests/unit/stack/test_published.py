"""Published artefacts: whole or not there, whoever is killed when; and what serves goes on serving."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from stack.errors import ConfigError, NotFoundError
from stack.published import ABOUT, CURRENT, Shelf, Version, Watched
from stack.settings import ROOT


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "published", "rank-product")


def publish(shelf: Shelf, version: str, content: str = "trees", current: bool = True) -> None:
    with shelf.publishing(version, {"of": version}, current) as folder:
        (folder / "model.txt").write_text(content, encoding="utf-8")


def read(version: Version) -> str:
    content = (version.folder / "model.txt").read_text(encoding="utf-8")
    if content == "broken":
        raise ConfigError(f"ranking model {version.name}: model.txt is truncated", "Roll back")
    if content == "odd":
        raise KeyError("feature_names")
    return content


def test_a_published_version_is_there_with_what_it_says_of_itself(shelf: Shelf) -> None:
    assert shelf.current() is None
    assert shelf.versions() == []
    publish(shelf, "v1", "one")
    publish(shelf, "v2", "two")
    assert shelf.current() == "v2"
    assert [each.name for each in shelf.versions()] == shelf.names() == ["v1", "v2"]
    found = shelf.get("v1")
    assert (found.about, read(found)) == ({"of": "v1"}, "one")
    shelf.make_current("v1")
    assert shelf.current() == "v1"


def test_a_version_can_stand_by_without_being_current(shelf: Shelf) -> None:
    publish(shelf, "v1")
    publish(shelf, "v2", current=False)
    assert shelf.current() == "v1"
    assert len(shelf.versions()) == 2


def test_a_version_never_changes(shelf: Shelf) -> None:
    publish(shelf, "v1", "one")
    with pytest.raises(ConfigError, match="v1 is published already"):
        publish(shelf, "v1", "other")
    assert read(shelf.get("v1")) == "one"


NAMES = ["", ".", "..", "../v1", "a/b", "/etc", "V1", ".hidden", "-x", "a b", "a\0", "a\n", "é", "x" * 82, CURRENT]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_elsewhere_is_refused(shelf: Shelf, name: str, tmp_path: Path) -> None:
    publish(shelf, "v1")
    before = sorted(str(path) for path in tmp_path.rglob("*"))
    with pytest.raises(ConfigError, match="no name for a version"):
        publish(shelf, name)
    for use in (shelf.get, shelf.make_current):
        with pytest.raises(NotFoundError, match="There is: v1") as caught:
            use(name)
        assert "has no version" in caught.value.message
    assert sorted(str(path) for path in tmp_path.rglob("*")) == before
    assert shelf.current() == "v1"


def test_a_writer_that_fails_leaves_nothing(shelf: Shelf) -> None:
    publish(shelf, "v1")

    def fail() -> None:
        with shelf.publishing("v2", {}) as folder:
            (folder / "model.txt").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert shelf.names() == ["v1"]
    assert shelf.current() == "v1"
    assert not list(shelf.folder.glob(".unfinished*"))


def test_a_writer_that_is_killed_leaves_no_version(shelf: Shelf) -> None:
    publish(shelf, "v1")
    program = (
        "import sys, time; from pathlib import Path; from stack.published import Shelf\n"
        "with Shelf(Path(sys.argv[1]), 'rank-product').publishing('v2', {}) as folder:\n"
        "    (folder / 'model.txt').write_text('half'); print('writing', flush=True); time.sleep(60)\n"
    )
    command = [sys.executable, "-c", program, str(shelf.root)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "writing\n"
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait(10)
    writer.stdout.close()
    assert [each.name for each in shelf.versions()] == ["v1"]
    assert shelf.current() == "v1"
    publish(shelf, "v2", "whole")
    assert read(shelf.get("v2")) == "whole"


def test_of_two_who_publish_one_name_one_wins_and_the_other_is_told(shelf: Shelf) -> None:
    inside = threading.Barrier(2)
    said: list[str] = []

    def work(content: str) -> None:
        try:
            with shelf.publishing("v1", {"of": content}) as folder:
                (folder / "model.txt").write_text(content)
                inside.wait(5)
            said.append("published")
        except ConfigError as error:
            said.append(error.message)

    workers = [threading.Thread(target=work, args=(content,)) for content in ("one", "two")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)
    assert sorted(said) == ["published", "rank-product v1 is published already"]
    found = shelf.get("v1")
    assert found.about == {"of": read(found)}, "all of one, nothing of the other"
    assert not list(shelf.folder.glob(".unfinished*"))


def test_a_reader_sees_one_whole_version_while_others_publish(shelf: Shelf) -> None:
    publish(shelf, "v0", "trees 0")
    done = threading.Event()

    def work() -> None:
        for number in range(1, 40):
            publish(shelf, f"v{number}", f"trees {number}")
        done.set()

    writer = threading.Thread(target=work)
    writer.start()
    seen = set()
    while not done.is_set():
        version = shelf.get(str(shelf.current()))
        assert read(version) == f"trees {version.name[1:]}"
        assert version.about == {"of": version.name}
        seen.add(version.name)
    writer.join()
    assert shelf.current() == "v39"
    assert seen


def test_folders_of_others_are_no_versions(shelf: Shelf) -> None:
    publish(shelf, "v1")
    for name in ("Backup", "__pycache__", "lost+found"):
        (shelf.folder / name).mkdir()
    (shelf.folder / "notes.txt").write_text("x")
    assert [each.name for each in shelf.versions()] == ["v1"]


@pytest.mark.parametrize("content", [None, "{", "", "\xff"])
def test_a_version_that_says_nothing_of_itself_is_named(shelf: Shelf, content: str | None) -> None:
    publish(shelf, "v1")
    about = shelf.folder / "v1" / ABOUT
    about.unlink()
    if content is not None:
        about.write_bytes(content.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"rank-product v1: about\.json"):
        shelf.get("v1")
    assert shelf.names() == ["v1"], "it can still be seen, and another made current"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_new_version_is_taken_up_and_a_rollback_too(shelf: Shelf) -> None:
    watched = Watched(shelf, read)
    watched.refresh()
    assert (watched.get(), watched.version, watched.problem) == (None, None, None)
    for version, content in (("v1", "one"), ("v2", "two")):
        publish(shelf, version, content)
        assert watched.get() != content, "only a refresh loads"
        watched.refresh()
        assert (watched.get(), watched.version, watched.problem) == (content, version, None)
    shelf.make_current("v1")
    watched.refresh()
    assert (watched.get(), watched.version) == ("one", "v1")
    assert watched.load("v2") == "two"
    assert watched.version == "v1", "looking at another changes nothing"


def break_current(shelf: Shelf, how: str) -> None:
    match how:
        case "refused" | "odd":
            publish(shelf, "v2", "broken" if how == "refused" else how)
        case "no file":
            publish(shelf, "v2")
            (shelf.folder / "v2" / "model.txt").unlink()
        case "no about":
            publish(shelf, "v2")
            (shelf.folder / "v2" / ABOUT).unlink()
        case "pointing to nothing":
            (shelf.folder / CURRENT).write_text("v9\n")
        case "pointing elsewhere":
            (shelf.folder / CURRENT).write_text("../../etc\n")
        case "no text":
            (shelf.folder / CURRENT).write_bytes(b"\xff\xfe\x00")
        case "a folder":
            (shelf.folder / CURRENT).unlink()
            (shelf.folder / CURRENT).mkdir()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("refused", "model.txt is truncated"),
        ("odd", "KeyError: 'feature_names'"),
        ("no file", "FileNotFoundError"),
        ("no about", "about.json"),
        ("pointing to nothing", "has no version 'v9'"),
        ("pointing elsewhere", "has no version '../../etc'"),
        ("no text", "has no version"),
        ("a folder", "directory"),
    ],
)
def test_a_version_that_cannot_be_loaded_leaves_the_one_in_use(
    shelf: Shelf, how: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    publish(shelf, "v1", "one")
    watched = Watched(shelf, read)
    watched.refresh()
    break_current(shelf, how)
    with caplog.at_level(logging.ERROR, "souk.published"):
        for _ in range(3):
            watched.refresh()
    assert (watched.get(), watched.version) == ("one", "v1")
    assert said in str(watched.problem)
    assert len(caplog.records) <= 1, "said once, not every second"
    if (shelf.folder / CURRENT).is_dir():
        (shelf.folder / CURRENT).rmdir()
    publish(shelf, "v3", "three")
    watched.refresh()
    assert (watched.get(), watched.version, watched.problem) == ("three", "v3", None)


def test_back_from_a_broken_version_to_the_one_in_use_forgets_the_problem(shelf: Shelf) -> None:
    publish(shelf, "v1", "one")
    watched = Watched(shelf, read)
    watched.refresh()
    publish(shelf, "v2", "broken")
    watched.refresh()
    shelf.make_current("v1")
    watched.refresh()
    assert (watched.get(), watched.version, watched.problem) == ("one", "v1", None)


def test_a_version_is_loaded_once(shelf: Shelf) -> None:
    loaded: list[str] = []

    def load(version: Version) -> Any:
        loaded.append(version.name)
        return json.loads((version.folder / ABOUT).read_text())

    publish(shelf, "v1")
    watched = Watched(shelf, load)
    for _ in range(5):
        watched.refresh()
    assert loaded == ["v1"]


def test_it_is_looked_at_again_when_it_is_time(shelf: Shelf) -> None:
    clock = Clock()
    watched = Watched(shelf, read, every_s=2.0, clock=clock)
    assert watched.stale
    watched.refresh()
    clock.now = 1.9
    assert not watched.stale
    clock.now = 2.0
    assert watched.stale


def test_nothing_is_in_use_once_nothing_is_published(shelf: Shelf) -> None:
    publish(shelf, "v1")
    watched = Watched(shelf, read)
    watched.refresh()
    (shelf.folder / CURRENT).unlink()
    watched.refresh()
    assert (watched.get(), watched.version) == (None, None)
