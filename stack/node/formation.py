"""How many nodes the data of a local cluster was written by: noted beside the first node's data, outlives `souk down`.

A cluster elects by majority of the nodes it was formed of. So a start with fewer would wait for ever for the others,
and a start that forms it anew would make a second cluster beside the first.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from stack.errors import EngineStartError
from stack.node.places import create_file

FILE = "souk-nodes.json"
WRITTEN = "nodes"  # the folder that the engine makes in its data folder at its first start


@dataclass(frozen=True)
class Formation:
    """`nodes` were named when the cluster was formed; `formed` once all of them had joined."""

    nodes: int
    formed: bool


def read_formation(data: Path) -> Formation | None:
    """What is noted in the first node's data folder. None where no engine wrote yet.

    Data without a note is of a single node: those were started before there could be more.
    """
    if not (data / WRITTEN).is_dir():
        return None
    try:
        noted = json.loads((data / FILE).read_text(encoding="utf-8"))
        return Formation(int(noted["nodes"]), bool(noted["formed"]))
    except FileNotFoundError:
        return Formation(1, formed=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise EngineStartError(
            f"{data / FILE} cannot be read: it says how many nodes the data belongs to",
            f'Write {{"nodes": 3, "formed": true}} into it, with the right number ({error})',
        ) from error


def write_formation(data: Path, formation: Formation) -> None:
    with create_file(data / FILE) as file:
        file.write(json.dumps(asdict(formation)).encode())


def node_count(formation: Formation | None, asked: int | None, default: int) -> int:
    """How many nodes to start: what was asked for, else what the data needs, else `default`.

    More than the data was written by is fine: they join. Raises EngineStartError for fewer, and for another number
    than the one whose formation did not finish.
    """
    if formation is None:
        return asked or default
    count = asked or formation.nodes
    if count < formation.nodes:
        raise EngineStartError(
            f"the data here is spread over {formation.nodes} nodes, which elect by majority: {count} cannot open it",
            f"Run souk up --nodes {formation.nodes}. For fewer: souk snapshot create, souk down, then restore it into "
            f"a new folder (SOUK_STATE_DIR) started with --nodes {count}",
        )
    if count != formation.nodes and not formation.formed:
        raise EngineStartError(
            f"a first start with {formation.nodes} nodes did not finish",
            f"Run souk up --nodes {formation.nodes}, or delete the data folder if nothing is in it yet",
        )
    return count
