"""The official OpenSearch image as the local engine: one container on loopback, driven through Docker's API.

Read in the order of the road: `container.py` → `daemon.py` → `image.py` → `state.py`.
"""

from stack.docker_engine.state import DockerState, read_state

__all__ = ["DockerState", "read_state"]
