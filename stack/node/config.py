"""The configuration folder of one node, so that the unpacked distribution is shared and only read."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from stack.node.java import VECTOR_MODULE
from stack.node.places import Places, create_file

CLUSTER = "souk"

# Of the JVM options that ship with the engine these name files inside the distribution, which is read-only here.
NOT_OURS = (
    "-Xms",
    "-Xmx",
    "-Xlog:gc",
    "-Xloggc",
    "-XX:HeapDumpPath",
    "-XX:+HeapDumpOnOutOfMemoryError",
    "-XX:ErrorFile",
)

LOG4J = """status = error
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = ${sys:opensearch.logs.base_path}/${sys:opensearch.logs.cluster_name}.log
appender.file.filePattern = ${sys:opensearch.logs.base_path}/${sys:opensearch.logs.cluster_name}-%i.log.gz
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] [%node_name]%marker %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 16MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
"""


@dataclass(frozen=True)
class NodeConfig:
    """What differs between two nodes. Ports are on loopback; `heap` is like `512m` or `4g`.

    `peers` are the transport ports of the others. `founders` are the numbers of all nodes at the first formation of
    their cluster, and empty ever after: a restart must find its cluster, not form another.
    """

    port: int
    transport_port: int
    heap: str
    vector_module: bool
    number: int = 1
    peers: tuple[int, ...] = ()
    founders: tuple[int, ...] = ()


def node_name(number: int) -> str:
    """A node's name in the cluster, by which it is found in `souk status`."""
    return f"{CLUSTER}-{number}"


def write_config(distribution: Path, places: Places, node: NodeConfig) -> None:
    """Write `opensearch.yml`, `jvm.options` and `log4j2.properties` into the node's configuration folder."""
    shipped = (distribution / "config" / "jvm.options").read_text(encoding="utf-8")
    files = {
        "opensearch.yml": opensearch_yml(places, node),
        "jvm.options": jvm_options(shipped, node),
        "log4j2.properties": LOG4J,
    }
    for name, text in files.items():
        with create_file(places.config / name) as file:
            os.fchmod(file.fileno(), 0o644)  # whatever the umask
            file.write(text.encode())


def log_file(places: Places) -> Path:
    """The engine's own log."""
    return places.logs / f"{CLUSTER}.log"


def opensearch_yml(places: Places, node: NodeConfig) -> str:
    """Each value as JSON, which YAML contains: a path with blanks or colons needs no thought."""
    values: dict[str, object] = {
        "cluster.name": CLUSTER,
        "node.name": node_name(node.number),
        "network.host": "127.0.0.1",
        "http.port": node.port,
        "transport.port": node.transport_port,
        # Named even when there are none: by default the engine looks for others on the ports from 9300 on.
        "discovery.seed_hosts": [f"127.0.0.1:{port}" for port in node.peers],
        # A node that hangs is left out after 11 s, not after 31 s as by default: until then searches wait for it.
        "cluster.fault_detection.follower_check.timeout": "5s",
        "cluster.fault_detection.follower_check.retry_count": 2,
        "cluster.fault_detection.leader_check.timeout": "5s",
        "cluster.fault_detection.leader_check.retry_count": 2,
        "path.data": str(places.data),
        "path.logs": str(places.logs),
        "path.repo": [str(places.snapshots)],  # the one folder a file-system repository of snapshots may lie in
        # The shipped marks are shares of the disk (85, 90, 95 %): on a nearly full but large disk they make every index
        # read-only with 50 GB free. A development node needs a floor in bytes.
        "cluster.routing.allocation.disk.watermark.low": "1gb",
        "cluster.routing.allocation.disk.watermark.high": "500mb",
        "cluster.routing.allocation.disk.watermark.flood_stage": "250mb",
    }
    if node.founders:
        values["cluster.initial_cluster_manager_nodes"] = [node_name(number) for number in node.founders]
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in values.items())


def jvm_options(shipped: str, node: NodeConfig) -> str:
    """The options that ship with the engine, with our heap, without files inside the distribution.

    The SIMD module is left out where the runtime lacks it: the JVM would refuse to start.
    """
    kept = [line for line in shipped.splitlines() if not _is_left_out(line, node)]
    return "\n".join([*kept, f"-Xms{node.heap}", f"-Xmx{node.heap}", ""])


def _is_left_out(line: str, node: NodeConfig) -> bool:
    option = re.sub(r"^\d+(-\d*)?:", "", line.strip())  # `9-:-Xlog…`: the Java versions an option is for
    return option.startswith(NOT_OURS) or (VECTOR_MODULE in option and not node.vector_module)
