"""`souk up --engine docker` and `souk down` through the real SDK, against a daemon of recorded answers."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_docker import FakeDocker, listening
from typer.testing import CliRunner, Result

from souk import app
from stack.client import engine_url
from stack.docker_engine import read_state
from stack.docker_engine.image import show_progress
from stack.errors import SoukError
from stack.node.launch import free_port
from stack.settings import load_settings

Souk = Callable[..., Result]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDocker]:
    fake = FakeDocker()
    with listening(fake, tmp_path) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        monkeypatch.setenv("SOUK_STATE_DIR", str(tmp_path / "state"))
        monkeypatch.setenv("SOUK_ENGINE_PORT", str(free_port()))
        yield fake


def _souk(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def _up(*more: str) -> Result:
    return _souk("up", "--engine", "docker", *more)


def _refused(result: Result) -> str:
    assert isinstance(result.exception, SoukError), result.output
    return str(result.exception)


def test_up_makes_one_container_on_loopback_and_down_removes_it_and_keeps_its_data(
    docker: FakeDocker, tmp_path: Path
) -> None:
    settings = load_settings()
    done = _up("--heap", "512m")
    assert done.exit_code == 0, done.output
    assert f"OpenSearch answers at http://127.0.0.1:{settings.engine_port} (container souk-engine" in done.stderr
    (made,) = docker.made
    assert made["Image"] == "opensearchproject/opensearch:3.5.0"
    assert made["HostConfig"]["PortBindings"] == {
        "9200/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(settings.engine_port)}]
    }
    snapshots = tmp_path / "state" / "snapshots"
    assert made["HostConfig"]["Binds"] == [
        "souk-engine-data:/usr/share/opensearch/data:rw",
        f"{snapshots}:{snapshots}:rw",
    ]
    assert made["HostConfig"]["Memory"] == 3 * 512 * 1024**2
    variables = dict(one.split("=", 1) for one in made["Env"])
    assert variables["OPENSEARCH_JAVA_OPTS"] == "-Xms512m -Xmx512m"
    assert variables["path.repo"] == str(snapshots)
    assert variables["DISABLE_SECURITY_PLUGIN"] == "true"
    assert "The engine is stopped" in _souk("down").stderr
    assert docker.container is None
    assert not any("volumes" in asked for asked in docker.asked)
    assert "No engine of ours is running" in _souk("down").stderr


def test_other_commands_find_its_port_and_a_second_up_reuses_it(docker: FakeDocker) -> None:
    port = free_port()
    assert _up("--port", str(port)).exit_code == 0
    assert engine_url(load_settings()) == f"http://127.0.0.1:{port}"
    again = _up("--port", str(port))
    assert f"already runs at http://127.0.0.1:{port}: reused" in again.stderr
    assert len(docker.made) == 1
    assert f"already runs on port {port}, not 1234. Run souk down first" in _refused(_up("--port", "1234"))


def test_a_container_that_ended_is_made_anew(docker: FakeDocker) -> None:
    assert _up().exit_code == 0
    docker.answer("POST", "/containers/souk-engine/stop", {}, b"")
    again = _up()
    assert "The container souk-engine was exited: it is made anew, its data stays" in again.stderr
    assert len(docker.made) == 2


def test_a_missing_image_is_pulled(docker: FakeDocker) -> None:
    docker.image = False
    done = _up()
    assert done.exit_code == 0
    assert "Pulling opensearchproject/opensearch:3.5.0 (once" in done.stderr


@pytest.mark.parametrize(
    ("pull", "message"),
    [
        (["unknown"], "could not be pulled: manifest for .* not found: manifest unknown. Check the network"),
        (
            [{"errorDetail": {"message": "no space left on device"}, "error": "no space left on device"}],
            "could not be pulled: no space left on device. Check the network",
        ),
    ],
)
def test_an_image_that_cannot_be_had(docker: FakeDocker, pull: list[dict[str, object]], message: str) -> None:
    docker.image, docker.pull = False, pull
    with pytest.raises(SoukError, match=message):
        raise _up().exception or AssertionError("it went well")
    assert docker.made == []


def test_the_progress_of_a_pull_is_shown_now_and_then() -> None:
    said: list[str] = []
    times = iter(range(0, 1000, 3))
    events = [
        {"status": "Downloading", "id": "a", "progressDetail": {"current": n * 1000_000, "total": 8_000_000}}
        for n in range(4)
    ]
    events += [{"status": "Download complete", "id": "a", "progressDetail": {}}, {"status": "Digest: sha256:0"}]
    assert show_progress(events, "image:1", said.append, clock=lambda: float(next(times))) is None
    assert said[0] == "Pulling image:1: 1.0 MB of 8.0 MB so far known"
    assert said[-1] == "Pulling image:1: 8.0 MB of 8.0 MB so far known"
    assert len(said) < len(events)


def test_a_port_that_is_taken_is_said_before_anything_is_made(docker: FakeDocker) -> None:
    with socket.create_server(("127.0.0.1", load_settings().engine_port)):
        assert "is in use by another program. Choose another with souk up --port" in _refused(_up())
    assert docker.made == []


def test_a_port_that_docker_finds_taken_leaves_no_container_behind(docker: FakeDocker) -> None:
    docker.start_fails = (
        "failed to set up container networking: driver failed programming external connectivity on endpoint "
        "souk-engine (8f1c): Bind for 127.0.0.1:9200 failed: port is already allocated"
    )
    assert "is in use by another program" in _refused(_up())
    assert docker.container is None
    assert read_state(load_settings()) is None


def test_an_engine_that_ends_shows_the_end_of_its_log(docker: FakeDocker) -> None:
    docker.dies = {"Status": "exited", "Running": False, "OOMKilled": False, "ExitCode": 78}
    docker.log = ["[INFO ] starting ...", "[ERROR] bootstrap checks failed"]
    told = _refused(_up())
    assert "the container souk-engine ended with code 78. Mend what its log says:" in told
    assert told.endswith("  [ERROR] bootstrap checks failed")
    assert docker.container is None


def test_one_that_needed_too_much_memory_says_so(docker: FakeDocker) -> None:
    docker.dies = {"Status": "exited", "Running": False, "OOMKilled": True, "ExitCode": 137}
    assert "was killed: it needed more memory than its limit" in _refused(_up())


def test_a_container_of_somebody_else_is_left_alone(docker: FakeDocker) -> None:
    docker.foreign = True
    assert "that souk did not make. Rename or remove it" in _refused(_up())
    assert not any(asked.startswith(("DELETE", "POST")) for asked in docker.asked)


def test_without_a_daemon_there_is_one_line_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUK_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    assert "no Docker daemon answers. Start it" in _refused(_up())


@pytest.mark.parametrize("more", [("--nodes", "3"), ("--data-dir", "somewhere")])
def test_what_a_container_cannot_do_is_refused(docker: FakeDocker, more: tuple[str, str]) -> None:
    assert more[0] in _refused(_up(*more))
    assert docker.asked == []
