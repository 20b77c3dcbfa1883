"""What is remembered of an engine, and when it no longer counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest

from stack.client import engine_url, engine_urls
from stack.node import stop
from stack.node.state import FILE, NodeState, load_nodes, read_state, write_nodes
from stack.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path / "state", engine_port=9399)


@pytest.fixture
def state() -> NodeState:
    """A state that names this very process."""
    return NodeState(
        pid=os.getpid(),
        port=9311,
        transport_port=9300,
        url="http://127.0.0.1:9311",
        data_dir="/data",
        log_file="/logs/souk.log",
        java_home="/java",
        started_at="2026-01-01T00:00:00+00:00",
        create_time=psutil.Process().create_time(),
    )


def test_what_is_written_is_read(settings: Settings, state: NodeState) -> None:
    write_nodes(settings, [state])
    assert read_state(settings) == state
    assert engine_url(settings) == state.url
    write_nodes(settings, [])
    assert read_state(settings) is None
    assert engine_url(settings) == "http://127.0.0.1:9399"


def test_a_client_knows_the_nodes_that_are_down_too(settings: Settings, state: NodeState) -> None:
    gone = replace(state, number=2, port=9312, url="http://127.0.0.1:9312", pid=2**22, create_time=1.0)
    write_nodes(settings, [gone, state])
    assert [node.number for node in load_nodes(settings)] == [1, 2]
    assert read_state(settings) == state
    assert engine_urls(settings) == (state.url, gone.url)
    write_nodes(settings, [gone])  # none of ours runs: where one would be, for the message
    assert engine_urls(settings) == ("http://127.0.0.1:9399",)


def test_the_file_of_a_single_node_as_it_was_is_read(settings: Settings, state: NodeState) -> None:
    older = {name: value for name, value in asdict(state).items() if name not in ("number", "snapshots")}
    settings.state_dir.mkdir()
    (settings.state_dir / FILE).write_text(json.dumps(older))
    assert read_state(settings) == state


def test_a_pid_of_another_process_does_not_count(settings: Settings, state: NodeState) -> None:
    write_nodes(settings, [replace(state, create_time=state.create_time - 60)])
    assert read_state(settings) is None


def test_stop_clears_a_stale_state_and_says_so(settings: Settings, state: NodeState) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    write_nodes(settings, [replace(state, pid=child.pid)])
    said: list[str] = []
    assert stop(settings, said.append) is False
    assert f"pid {child.pid} is gone" in said[0]
    assert not (settings.state_dir / FILE).exists()


def test_stop_never_ends_a_process_that_took_over_the_pid(settings: Settings, state: NodeState) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        write_nodes(settings, [replace(state, pid=other.pid, create_time=1.0)])
        assert stop(settings, lambda _: None) is False
        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nodes": [1]}', '{"nodes": 1}', '{"pid": 1}', '{"unknown": 1}'])
def test_a_broken_file_counts_as_none(settings: Settings, text: str) -> None:
    settings.state_dir.mkdir()
    (settings.state_dir / FILE).write_text(text)
    assert read_state(settings) is None


def test_an_existing_cluster_goes_before_the_local_engine(settings: Settings, state: NodeState) -> None:
    write_nodes(settings, [state])
    assert engine_url(settings.model_copy(update={"opensearch_url": "https://search.example"})) == (
        "https://search.example"
    )
