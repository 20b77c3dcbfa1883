"""The local engine: a real OpenSearch node, assembled through Maven, run on loopback by an unprivileged user.

Read in the order of the road: `java.py` → `places.py` → `distribution.py` → `config.py` → `local.py`.
"""

from stack.node.local import start, stop
from stack.node.state import NodeState, read_state

__all__ = ["NodeState", "read_state", "start", "stop"]
