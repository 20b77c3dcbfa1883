"""Who may import whom (docs/architecture.md): `mappings ← stack ← ingest`, `stack ← api`, `stack, api ← learn`."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.settings import ROOT

# Which of our own packages each may import, beside itself. `mappings` is data: it has no module at all.
ALLOWED = {
    "stack": set(),
    "ingest": {"stack"},
    "api": {"stack"},
    "learn": {"stack", "api"},
    "bench": {"stack", "ingest", "api", "learn"},
    "souk_demo": {"stack", "ingest", "api", "learn"},
    "souk": {"stack", "ingest", "api", "learn", "souk_demo"},
}
# 800 MB and 6 s in every process that imports one of them; only the export, a process of its own, and the command that
# trains an encoder need them.
HEAVY = {"torch", "transformers", "sentence_transformers"}
EXPORT = Path("stack/embedding/export.py")
TRAINING = Path("learn/encoder")


def modules(package: str) -> list[Path]:
    """The source files of a package or a single module, relative to the root."""
    files = sorted((ROOT / package).rglob("*.py")) if (ROOT / package).is_dir() else [ROOT / f"{package}.py"]
    return [file.relative_to(ROOT) for file in files]


def imports(node: ast.AST, package: str, inside: bool = False) -> Iterator[tuple[str, int, bool]]:
    """(top-level package, line, is it in a function) of each import below a node; a relative one is the own package."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name.split(".")[0], child.lineno, inside) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield (package if child.level else str(child.module).split(".")[0]), child.lineno, inside
        else:
            yield from imports(child, package, inside or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))


def imports_of(file: Path, package: str) -> list[tuple[str, int, bool]]:
    return list(imports(ast.parse((ROOT / file).read_text(encoding="utf-8")), package))


@pytest.mark.parametrize("package", ALLOWED)
def test_no_arrow_is_reversed(package: str) -> None:
    files = modules(package)
    assert files, f"{package} has no source"
    reversed_arrows = [
        f"{file}:{line} imports {name}"
        for file in files
        for name, line, _ in imports_of(file, package)
        if name in ALLOWED and name not in {package, *ALLOWED[package]}
    ]
    assert reversed_arrows == []


def test_every_package_has_its_rule() -> None:
    """A new package must say what it may import, else its arrows are not looked at."""
    packages = {init.parent.name for init in ROOT.glob("*/__init__.py")}
    scripts = {file.stem for file in ROOT.glob("*.py")}
    assert packages - {"tests"} | scripts <= ALLOWED.keys()


def test_mappings_hold_data_only() -> None:
    assert list((ROOT / "mappings").rglob("*.py")) == []


@pytest.mark.parametrize("package", ALLOWED)
def test_torch_is_not_imported_where_it_would_stay(package: str) -> None:
    heavy = [
        f"{file}:{line} imports {name}"
        for file in modules(package)
        for name, line, inside in imports_of(file, package)
        if name in HEAVY and not (inside and (file == EXPORT or TRAINING in file.parents or package == "bench"))
    ]
    assert heavy == []


def test_the_command_line_loads_only_what_a_command_needs() -> None:
    """`souk --help` is there in a third of a second; a library that one command uses is imported by that command."""
    script = "import sys, souk; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    names = set(loaded.stdout.split())
    assert {"souk", "typer", "stack", "learn"} <= names
    assert names & {"opensearchpy", "numpy", "onnxruntime", "scipy", "av", "fastapi", "jinja2", "docker"} == set()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import stack.settings", [("stack", 1, False)]),
        ("from ..stack import x", [("ingest", 1, False)]),
        ("def f():\n    import torch", [("torch", 2, True)]),
        ("if x:\n    try:\n        from api.model import y\n    finally:\n        pass", [("api", 3, False)]),
        ("class A:\n    async def f(self):\n        from learn import z", [("learn", 3, True)]),
    ],
)
def test_the_walk_sees_each_form_of_import(source: str, expected: list[tuple[str, int, bool]]) -> None:
    assert list(imports(ast.parse(source), "ingest")) == expected
