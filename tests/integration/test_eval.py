"""`souk eval` as its user runs it, on a small generated market."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from running import environment, run_souk

from stack.settings import Settings

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def judgments(market_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rated from what the market's own titles say: a title as a query has that product as its answer."""
    lines = (market_settings.state_dir.parent / "market" / "products.jsonl").read_text().splitlines()
    products = [json.loads(line) for line in lines[:12]]
    rows = ["query,docid,rating"]
    rows += [f'"{item["title"].replace(chr(34), "")}",{item["id"]},3' for item in products]
    rows += ["some words,no-such-product,1", "without an answer,no-such-product,0"]
    file = tmp_path_factory.mktemp("eval") / "rated.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


def test_figures_run_and_report(market_settings: Settings, judgments: Path, tmp_path: Path) -> None:
    run, report = tmp_path / "run.trec", tmp_path / "report.json"
    options = ["--ranker", "hybrid", "--compare", "bm25", "--run", str(run), "--report", str(report)]
    done = run_souk(market_settings, "eval", "--judgments", str(judgments), *options)
    assert "13 of 14 queries have a relevant document" in done.stdout
    found = json.loads(report.read_text())
    assert found["unknown_documents"] == ["no-such-product"]
    assert found["without_relevant"] == ["without an answer"]
    assert found["rankers"]["hybrid"]["means"]["nDCG@10"] > 0.8
    assert found["comparison"]["wins"] + found["comparison"]["losses"] + found["comparison"]["ties"] == 13
    ranks = [line.split() for line in run.read_text().splitlines()]
    assert all(len(columns) == 6 and columns[1] == "Q0" for columns in ranks)
    assert {columns[0] for columns in ranks} >= {"some_words"}
    scores = [float(columns[4]) for columns in ranks if columns[0] == "some_words"]
    assert scores == sorted(scores, reverse=True)


def test_markdown_report_lists_the_worst_query_first(
    market_settings: Settings, judgments: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.md"
    run_souk(market_settings, "eval", "--judgments", str(judgments), "--ranker", "bm25", "--report", str(report))
    table = report.read_text().split("## Per query")[1].strip().splitlines()
    assert table[2].startswith("| some words | 0.000 |")


def test_a_conflict_ends_with_code_2_and_names_it(market_settings: Settings, judgments: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("query,docid,rating\nsome words,no-such-product,2\n")
    command = [sys.executable, "-m", "souk", "eval", "--judgments", str(judgments), "--judgments", str(other)]
    done = subprocess.run(command, env=environment(market_settings), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "other.csv:2" in done.stderr
    assert "Traceback" not in done.stderr
