"""The configuration of a node: only on loopback, nothing written into the shared distribution."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from stack.node.config import NodeConfig, jvm_options, node_name, opensearch_yml
from stack.node.places import Places

SHIPPED = """\
-Xms1g
-Xmx1g
11-:-XX:+UseG1GC
-Djava.io.tmpdir=${OPENSEARCH_TMPDIR}
-XX:+HeapDumpOnOutOfMemoryError
-XX:HeapDumpPath=data
-XX:ErrorFile=logs/hs_err_pid%p.log
9-:-Xlog:gc*,gc+age=trace,safepoint:file=logs/gc.log:utctime,pid,tags:filecount=32,filesize=64m
20-:--add-modules=jdk.incubator.vector
21-:-javaagent:agent/opensearch-agent.jar
"""


def node(*, heap: str = "512m", vector_module: bool = True) -> NodeConfig:
    return NodeConfig(port=9311, transport_port=9399, heap=heap, vector_module=vector_module)


def test_heap_is_ours_alone() -> None:
    lines = jvm_options(SHIPPED, node(heap="3g")).splitlines()
    assert [line for line in lines if line.startswith("-Xm")] == ["-Xms3g", "-Xmx3g"]


@pytest.mark.parametrize("present", [True, False])
def test_vector_module_is_asked_for_only_where_it_exists(present: bool) -> None:
    assert ("jdk.incubator.vector" in jvm_options(SHIPPED, node(vector_module=present))) is present


def test_nothing_is_written_into_the_distribution() -> None:
    options = jvm_options(SHIPPED, node())
    assert "logs/" not in options
    assert "HeapDump" not in options
    assert "-javaagent:agent/opensearch-agent.jar" in options
    assert "UseG1GC" in options


@pytest.mark.parametrize("folder", ["/data/souk", "/my data/a: b #c", '/da"ta'])
def test_yaml_keeps_any_path_and_stays_on_loopback(folder: str) -> None:
    read = yaml.safe_load(
        opensearch_yml(Places(Path("/cache"), Path("/node"), Path(folder), Path("/snapshots")), node())
    )
    assert read["path.data"] == folder
    assert read["path.repo"] == ["/snapshots"]
    assert read["network.host"] == "127.0.0.1"
    assert (read["http.port"], read["transport.port"]) == (9311, 9399)


def yml(config: NodeConfig) -> dict[str, object]:
    places = Places(Path("/cache"), Path("/node"), Path("/data"), Path("/snapshots"))
    return dict(yaml.safe_load(opensearch_yml(places, config)))


def test_a_lone_node_looks_for_no_others() -> None:
    read = yml(node())
    assert read["discovery.seed_hosts"] == []  # left out, the engine would try the ports from 9300 on


def test_only_founders_are_told_to_form_a_cluster() -> None:
    first = NodeConfig(9311, 9399, "1g", True, number=2, peers=(9398, 9400), founders=(1, 2, 3))
    read = yml(first)
    assert read["node.name"] == node_name(2)
    assert read["discovery.seed_hosts"] == ["127.0.0.1:9398", "127.0.0.1:9400"]
    assert read["cluster.initial_cluster_manager_nodes"] == [node_name(number) for number in (1, 2, 3)]
    again = yml(NodeConfig(9311, 9399, "1g", True, number=2, peers=(9398, 9400)))
    assert "cluster.initial_cluster_manager_nodes" not in again
