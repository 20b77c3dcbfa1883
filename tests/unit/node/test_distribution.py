"""Assembling the engine: once, as a whole, and with errors a user can act on. Maven is a script here."""

from __future__ import annotations

import shutil
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest

from stack.errors import EngineStartError
from stack.node.distribution import coordinates, ensure_distribution, maven_fault
from stack.node.java import Java

JAVA = Java(Path("/java"), 25, "test", "test")
HOME = f"opensearch-{coordinates()['opensearch']}"


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `mvn` that copies two archives; each call leaves a line in `calls`. The engine in them installs any plugin."""
    archives = tmp_path / "archives"
    archives.mkdir()
    script = zipfile.ZipInfo(f"{HOME}/bin/opensearch-plugin")
    script.external_attr = 0o700 << 16
    with zipfile.ZipFile(archives / f"{HOME}.zip", "w") as zipped:
        zipped.writestr(script, '#!/bin/sh\necho "$@" > "$(dirname "$0")/../installed"\n')
        zipped.writestr(f"{HOME}/lib/a.jar", "x")
    (archives / f"opensearch-knn-{coordinates()['opensearch-knn']}.zip").write_bytes(b"")
    return _command(
        tmp_path,
        monkeypatch,
        f'echo called >> {tmp_path}/calls\nfor a in "$@"; do case "$a" in -DoutputDirectory=*) '
        f'cp {archives}/* "${{a#-DoutputDirectory=}}";; esac; done',
    )


def _command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "mvn").write_text(f"#!/bin/sh\n{body}\n")
    (folder / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return tmp_path


def test_assembled_once_and_readable_for_others(maven: Path) -> None:
    cache = maven / "cache"
    home = ensure_distribution(cache, JAVA, lambda _: None)
    assert ensure_distribution(cache, JAVA, lambda _: None) == home == cache / "engine" / HOME
    assert (maven / "calls").read_text() == "called\n"
    assert "install --batch file:///" in (home / "installed").read_text()
    assert oct((home / "bin" / "opensearch-plugin").stat().st_mode & 0o777) == "0o755"
    assert oct((home / "lib" / "a.jar").stat().st_mode & 0o777) == "0o644"
    assert sorted(path.name for path in home.parent.iterdir()) == [".lock", HOME]


def test_what_a_killed_run_left_is_cleared(maven: Path) -> None:
    left_over = maven / "cache" / "engine" / ".unpack-old"
    left_over.mkdir(parents=True)
    ensure_distribution(maven / "cache", JAVA, lambda _: None)
    assert not left_over.exists()


def test_no_maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineStartError, match="no Maven") as raised:
        ensure_distribution(tmp_path / "cache", JAVA, lambda _: None)
    assert "apt-get install maven" in raised.value.remedy
    assert not (tmp_path / "cache" / "engine" / HOME).exists()


def test_maven_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _command(tmp_path, monkeypatch, 'echo "[ERROR] Could not resolve opensearch:zip:3.5.0 -> [Help 1]"; exit 1')
    with pytest.raises(EngineStartError) as raised:
        ensure_distribution(tmp_path / "cache", JAVA, lambda _: None)
    assert raised.value.message.endswith(": Could not resolve opensearch:zip:3.5.0")
    assert "settings.xml" in raised.value.remedy


def test_a_torn_archive_leaves_nothing_behind(maven: Path) -> None:
    (maven / "archives" / f"{HOME}.zip").write_bytes(b"PK half of it")
    with pytest.raises(EngineStartError, match="cannot unpack"):
        ensure_distribution(maven / "cache", JAVA, lambda _: None)
    assert [path.name for path in (maven / "cache" / "engine").iterdir()] == [".lock"]


def test_no_disk(maven: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 5_000_000))
    with pytest.raises(EngineStartError, match="5 MB free, 1000 MB are needed") as raised:
        ensure_distribution(maven / "cache", JAVA, lambda _: None)
    assert "SOUK_CACHE_DIR" in raised.value.remedy


def test_a_cache_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineStartError, match="cannot make the folder") as raised:
        ensure_distribution(tmp_path / "file" / "cache", JAVA, lambda _: None)
    assert "SOUK_CACHE_DIR" in raised.value.remedy


@pytest.mark.parametrize(
    ("output", "fault"),
    [
        ("[INFO] x\n[ERROR] \n[ERROR] first\n[ERROR] second", "first"),
        ("The JAVA_HOME environment variable is not defined correctly", "The JAVA_HOME environment"),
        ("", "it printed nothing"),
    ],
)
def test_the_fault_maven_names(output: str, fault: str) -> None:
    assert maven_fault(output).startswith(fault)
