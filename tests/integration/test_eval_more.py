"""Routes, ablation, the pool, behavioural checks and the page, as their user runs them on a small generated market."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest
from running import environment, run_souk

from api.compare.rankers import SWITCHES
from learn.checks import CHECKS
from stack.settings import Settings

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def judgments(market_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three words of a title as a query: the product is relevant, and the ten after it in the file are not."""
    lines = (market_settings.state_dir.parent / "market" / "products.jsonl").read_text().splitlines()
    products = [json.loads(line) for line in lines[:200]]
    rows = ["query,docid,rating"]
    for place in range(0, 160, 20):
        query = " ".join(word for word in products[place]["title"].split() if word.isalpha())[:40]
        rows.append(f"{query},{products[place]['id']},3")
        rows += [f"{query},{item['id']},0" for item in products[place + 1 : place + 11]]
    file = tmp_path_factory.mktemp("eval") / "rated.csv"
    file.write_text("\n".join(rows) + "\n" + rows[1] + "\n")
    return file


def test_routes_and_ablation(market_settings: Settings, judgments: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    options = ["--judgments", str(judgments), "--routes", "--ablate", "--report", str(report)]
    done = run_souk(market_settings, "eval", *options)
    assert "1 of 89 rows say again what another row says" in done.stdout
    found = json.loads(report.read_text())
    assert found["rows"]["duplicates"] == 1
    routes = found["routes"]["routes"]
    assert {"lexical", "vector"} <= set(routes)
    assert routes["lexical"]["recall"]["200"] > 0.5
    assert found["routes"]["together"]["recall"] >= max(route["recall"]["200"] for route in routes.values())
    ablation = found["ablation"]
    assert set(SWITCHES) == set(ablation["without"])
    full = found["rankers"]["full"]["means"]
    assert ablation["full"]["nDCG@10"] == pytest.approx(full["nDCG@10"])
    lexical = ablation["without"]["route:lexical"]
    difference = lexical["means"]["nDCG@10"] - full["nDCG@10"]
    assert lexical["against_full"]["difference"] == pytest.approx(difference)


def test_cross_validated_live(market_settings: Settings, judgments: Path, tmp_path: Path) -> None:
    """Features are logged, a model is trained for each fold, and each query is ranked live by its own fold's model."""
    report = tmp_path / "report.json"
    options = ["--cross-validate", "--trials", "0", "--compare", "hybrid", "--report", str(report)]
    run_souk(market_settings, "eval", "--judgments", str(judgments), *options)
    rankers = json.loads(report.read_text())["rankers"]
    assert set(rankers) == {"full (cross-validated)", "hybrid"}
    assert len(rankers["full (cross-validated)"]["per_query"]["nDCG@10"]) == 8


def test_a_ranker_without_a_part_is_named_so(market_settings: Settings, judgments: Path, tmp_path: Path) -> None:
    report, run = tmp_path / "report.json", tmp_path / "run.trec"
    options = ["--without", "route:vector", "--compare", "bm25", "--report", str(report), "--run", str(run)]
    run_souk(market_settings, "eval", "--judgments", str(judgments), *options)
    assert set(json.loads(report.read_text())["rankers"]) == {"full without route:vector", "bm25"}
    assert run.read_text().splitlines()[0].endswith(" souk-full-without-route:vector")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["eval"], "--judgments"),
        (["eval", "--judgments", "FILE", "--without", "magic"], "no such part: magic"),
        (["eval", "checks", "--only", "magic"], "no such check: magic"),
        (["eval", "--judgments", "FILE", "--format", "wands"], "WANDS has label.csv and query.csv"),
    ],
)
def test_a_mistake_ends_with_code_2_and_is_named(
    market_settings: Settings, judgments: Path, options: list[str], says: str
) -> None:
    command = [sys.executable, "-m", "souk", *(str(judgments) if each == "FILE" else each for each in options)]
    done = subprocess.run(command, env=environment(market_settings), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_the_pool_is_rated_and_evaluated(market_settings: Settings, judgments: Path, tmp_path: Path) -> None:
    pool, report = tmp_path / "unjudged.csv", tmp_path / "report.json"
    options = ["--judgments", str(judgments), "--ranker", "hybrid", "--ranker", "bm25", "--depth", "10"]
    run_souk(market_settings, "judgments", "pool", *options, "--out", str(pool))
    with pool.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert rows
    assert all(row["title"] and row["rating"] == "" and 1 <= int(row["best_rank"]) <= 10 for row in rows)
    assert {name for row in rows for name in row["rankers"].split()} == {"hybrid", "bm25"}
    for row in rows:
        row["rating"] = "1"
    with pool.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    both = ["--judgments", str(judgments), "--judgments", str(pool), "--ranker", "bm25", "--report", str(report)]
    run_souk(market_settings, "eval", *both)
    assert json.loads(report.read_text())["rankers"]["bm25"]["means"]["judged@10"] == pytest.approx(1.0)


def test_checks_run_on_the_market(market_settings: Settings) -> None:
    done = run_souk(market_settings, "eval", "checks", "--cases", "4", "--json")
    report = json.loads(done.stdout)
    assert report["rankers"] == ["hybrid", "full"]
    rates = {check["name"]: check["rates"]["full"] for check in report["checks"]}
    assert set(rates) == {check.name for check in CHECKS}
    counted = [name for name, rate in rates.items() if rate["cases"]]
    assert len(counted) >= 20
    assert rates["case"]["rate"] == 1.0
    assert rates["never empty"]["rate"] == 1.0
    assert rates["model number"]["rate"] >= 0.75
    for rate in rates.values():
        assert rate["held"] + len(rate["failures"]) == rate["cases"]


def test_the_table_of_checks_shows_failures(market_settings: Settings) -> None:
    options = ["--cases", "6", "--only", "price limit", "--only", "typo", "--ranker", "bm25", "--no-compare"]
    done = run_souk(market_settings, "eval", "checks", *options)
    assert "price limit" in done.stdout
    assert "mean" in done.stdout
    assert "hybrid" not in done.stdout


def test_the_page(market_settings: Settings, judgments: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    options = ["--judgments", str(judgments), "--out", str(page), "--cases", "2", "--ranker", "hybrid"]
    run_souk(market_settings, "eval", "report", *options)
    html = page.read_text(encoding="utf-8")
    for said in ("Relevance of hybrid", "Recall routes", "Behaviour", "price limit", "The ablation was not run."):
        assert said in html
