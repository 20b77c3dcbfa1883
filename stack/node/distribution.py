"""Assembles the engine once: Maven fetches what `pom.xml` names, it is unpacked, the k-NN plugin is installed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from stack.errors import EngineStartError
from stack.node.java import Java
from stack.node.places import make_folder, need_disk

POM = Path(__file__).with_name("pom.xml")
COPY_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
NEEDED_MB = 1_000  # the zip (194 MB), the same in Maven's own cache, unpacked (236 MB), and some room
MAVEN_S = 1_800
INSTALL_S = 300


@cache
def coordinates() -> dict[str, str]:
    """Artifact → version, from the pom: `{"opensearch": "3.5.0", "opensearch-knn": "3.5.0.0"}`."""
    space = "{http://maven.apache.org/POM/4.0.0}"
    root = ElementTree.parse(POM).getroot()  # noqa: S314 - our own file
    return {
        dependency.findtext(f"{space}artifactId", ""): dependency.findtext(f"{space}version", "")
        for dependency in root.iter(f"{space}dependency")
    }


def ensure_distribution(cache_dir: Path, java: Java, say: Callable[[str], None]) -> Path:
    """The folder of the unpacked engine under `cache_dir`, made on the first call and only read from then on.

    Raises EngineStartError: no Maven, Maven failed, no disk, a folder that cannot be written.
    """
    home = cache_dir / "engine" / f"opensearch-{coordinates()['opensearch']}"
    if home.is_dir():
        return home
    make_folder(home.parent)
    need_disk(home.parent, NEEDED_MB, "SOUK_CACHE_DIR")
    with _locked(home.parent / ".lock"):
        if not home.is_dir():  # another process may have made it while we waited
            _assemble(home, java, say)
    return home


def _assemble(home: Path, java: Java, say: Callable[[str], None]) -> None:
    for left_over in home.parent.glob(".unpack-*"):  # of a process that was killed: we hold the lock
        shutil.rmtree(left_over)
    work = Path(tempfile.mkdtemp(prefix=".unpack-", dir=home.parent))
    try:
        say(f"Fetching OpenSearch {coordinates()['opensearch']} and its k-NN plugin through Maven (once, 200 MB)")
        _fetch(work, java)
        say(f"Unpacking into {home}")
        unpack(work / _zip_name("opensearch"), work)
        unpacked = work / home.name
        _install_plugin(unpacked, work / _zip_name("opensearch-knn"), java)
        unpacked.rename(home)  # atomic: the folder is there only when it is complete
    except (OSError, zipfile.BadZipFile) as error:
        raise EngineStartError(
            f"cannot unpack the engine into {home}: {error}",
            "Free some disk, or set SOUK_CACHE_DIR to a folder you own",
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _zip_name(artifact: str) -> str:
    return f"{artifact}-{coordinates()[artifact]}.zip"


def _fetch(folder: Path, java: Java) -> None:
    mvn = shutil.which("mvn")
    if mvn is None:
        raise EngineStartError(
            "no Maven: the command mvn is not on PATH",
            "Install it (Debian: apt-get install maven; macOS: brew install maven), "
            "or set SOUK_OPENSEARCH_URL to an existing cluster",
        )
    arguments = [mvn, "-q", "-B", "-Dstyle.color=never", "-f", str(POM), COPY_GOAL]
    arguments += [f"-DoutputDirectory={folder}", "-DexcludeTransitive=true"]
    done = _run(arguments, _maven_environment(java), MAVEN_S)
    if done.returncode != 0 or not (folder / _zip_name("opensearch-knn")).is_file():
        raise EngineStartError(
            f"Maven could not fetch the engine: {maven_fault(done.stdout)}",
            "Check the network and Maven's settings.xml (mirror, proxy), then run it again",
        )


def _maven_environment(java: Java) -> dict[str, str]:
    """Maven runs on any Java; where the machine has none of its own it runs on the engine's."""
    environment = dict(os.environ)
    if not environment.get("JAVA_HOME") and shutil.which("java") is None:
        environment["JAVA_HOME"] = str(java.home)
    return environment


def maven_fault(output: str) -> str:
    """The first error Maven names, without its advice; the last line where it names none."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("[ERROR]").strip() for line in lines if line.startswith("[ERROR]")]
    fault = next((line for line in errors if line), lines[-1] if lines else "it printed nothing")
    return fault.split(" -> [Help")[0][:600]


def unpack(archive: Path, into: Path) -> None:
    """Unpack a zip with its modes, all of it readable for everyone: the engine runs as another user under root."""
    with zipfile.ZipFile(archive) as zipped:
        for item in zipped.infolist():
            path = Path(zipped.extract(item, into))
            executable = item.is_dir() or (item.external_attr >> 16) & 0o100
            path.chmod(0o755 if executable else 0o644)


def _install_plugin(home: Path, plugin: Path, java: Java) -> None:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "OPENSEARCH_JAVA_HOME": str(java.home)}
    home.chmod(0o755)
    arguments = [str(home / "bin" / "opensearch-plugin"), "install", "--batch", plugin.as_uri()]
    done = _run(arguments, environment, INSTALL_S)
    if done.returncode != 0:
        raise EngineStartError(
            f"the k-NN plugin could not be installed: {' / '.join(done.stdout.strip().splitlines()[-3:])}",
            "Set SOUK_JAVA_HOME to a full JDK 21+ and run it again",
        )


def _run(arguments: list[str], environment: dict[str, str], limit_s: int) -> subprocess.CompletedProcess[str]:
    """Run to the end, both streams as one text. umask: what root unpacks must be readable for the engine's user."""
    try:
        return subprocess.run(  # noqa: S603
            arguments,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            umask=0o022,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineStartError(
            f"{Path(arguments[0]).name} did not end within {limit_s} s", "Check the network, then run it again"
        ) from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that ends with the process, so that two first starts do not unpack at once."""
    try:
        handle = path.open("w")
    except OSError as error:
        raise EngineStartError(
            f"cannot write in {path.parent}: {error.strerror}", "Set SOUK_CACHE_DIR to a folder you own"
        ) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
