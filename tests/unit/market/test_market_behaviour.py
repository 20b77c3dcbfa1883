"""Shoppers of a generated market: what fits and stands high is clicked, a day is always the same, nothing leaks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from api.events.importing import entry_of
from learn.market.behaviour import Shoppers, write_behaviour
from learn.market.generate import Sizes, generate
from learn.market.judging.reading import read_truth
from learn.market.judging.speech import Speech
from learn.market.judging.words import load_words
from learn.market.shopping.asked import Demand
from learn.market.shopping.rules import load_behaviour
from learn.market.text import Record
from learn.market.vocabulary import load_vocabulary
from learn.market.write import write
from stack.errors import InputError

NOW = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)
SEED = 11
FIRST = NOW.date() - timedelta(days=2)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("market")
    write(generate(SEED, Sizes(products=400, videos=80, lives=30), NOW), folder)
    return folder


def shoppers(market: Path, now: datetime = NOW, days: int = 14, sessions: int = 700) -> Shoppers:
    return Shoppers(market, days, sessions, SEED, now)


@pytest.fixture(scope="module")
def log(market: Path) -> list[Record]:
    return list(shoppers(market).records())


@pytest.fixture(scope="module")
def demand(market: Path) -> Demand:
    truth = read_truth(market, load_words(), load_vocabulary())
    return Demand(Speech(load_words(), truth), load_behaviour(), SEED)


def of(log: list[Record], action: str) -> list[Record]:
    return [record for record in log if record.get("action_name") == action]


def place(event: Record) -> int:
    return int(event["event_attributes"]["position"]["ordinal"])


def test_every_record_is_what_an_import_takes_and_every_event_has_its_search(log: list[Record]) -> None:
    searches = {record["query_id"]: record for record in log if "action_name" not in record}
    assert len(searches) > 700
    for record in log:
        entry_of(orjson.loads(orjson.dumps(record)))
        if "action_name" in record:
            search = searches[record["query_id"]]
            assert record["client_id"] == search["client_id"]
            about = record["event_attributes"]
            if "position" in about and record["action_name"] in ("impression", "click"):
                assert search["query_response_hit_ids"][place(record) - 1] == about["object"]["object_id"]


def test_a_day_is_the_same_whenever_it_is_made(market: Path) -> None:
    """So that tomorrow's import adds a day to today's."""
    today = list(shoppers(market, days=3, sessions=90).records())
    assert list(shoppers(market, days=3, sessions=90).records()) == today
    later = lines(shoppers(market, NOW + timedelta(days=1), days=3, sessions=90).records())
    # Visits of the first day, which may end in the second, are out of tomorrow's window.
    first = {each["session_id"] for each in today if "session_id" in each and each["timestamp"].date() == FIRST}
    gone = {each["query_id"] for each in today if each.get("session_id") in first}
    stay = [each for each in today if each["query_id"] not in gone and each["timestamp"].date() > FIRST]
    assert len(stay) > 100
    assert lines(stay) <= later
    assert later - lines(today), "and there is a day more"


def lines(records: Iterable[Record]) -> set[bytes]:
    return set(map(orjson.dumps, records))


def test_nothing_is_later_than_now_and_the_days_are_those_asked_for(log: list[Record]) -> None:
    times = [record["timestamp"] for record in log]
    assert max(times) <= NOW
    assert min(times).date() == NOW.date() - timedelta(days=13)


def test_the_evening_and_the_weekend_are_busier(log: list[Record]) -> None:
    hours = Counter(record["timestamp"].hour for record in log if "action_name" not in record)
    assert sum(hours[hour] for hour in range(18, 22)) > 3 * sum(hours[hour] for hour in range(2, 6))


def test_what_stands_higher_is_clicked_more_and_what_fits_too(log: list[Record], demand: Demand) -> None:
    seen = Counter(place(event) for event in of(log, "impression"))
    clicked = Counter(place(event) for event in of(log, "click"))
    top, bottom = range(1, 4), range(9, 21)
    rates = [sum(clicked[n] for n in places) / sum(seen[n] for n in places) for places in (top, bottom)]
    assert rates[0] > 2 * rates[1]

    # At one place (2 to 6), by the hidden rating.
    ratings = {asked.text: {card.fact.id: card.rating for card in asked.row} for asked in demand._asked}
    words = {record["query_id"]: record["user_query"] for record in log if "action_name" not in record}
    counts: dict[str, Counter[bool]] = {"impression": Counter(), "click": Counter()}
    for action, count in counts.items():
        for event in of(log, action):
            if 2 <= place(event) <= 6:
                found = ratings[words[event["query_id"]]][event["event_attributes"]["object"]["object_id"]]
                count[found >= 2] += 1
    good, poor = (counts["click"][fits] / counts["impression"][fits] for fits in (True, False))
    assert good > 2 * poor


def test_each_step_is_taken_by_fewer(log: list[Record]) -> None:
    steps = [len(of(log, action)) for action in ("impression", "click", "add_to_cart", "purchase", "refund")]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] >= 1
    assert of(log, "watch")
    assert of(log, "join")
    assert all(event["event_attributes"]["value"] > 0 for event in of(log, "purchase"))


def test_some_searches_find_nothing_and_show_nothing(log: list[Record]) -> None:
    nothing = [r for r in log if "action_name" not in r and not r["query_attributes"]["has_results"]]
    assert nothing
    assert all(r["query_response_hit_ids"] == [] for r in nothing)
    unsold = set(load_behaviour().unsold)
    assert {r["user_query"] for r in nothing} <= unsold


def test_popular_words_are_typed_more_often(log: list[Record]) -> None:
    words = Counter(record["user_query"] for record in log if "action_name" not in record)
    counts = sorted(words.values(), reverse=True)
    assert counts[0] > 5 * counts[len(counts) // 2]


def test_the_log_holds_nothing_of_the_truth(log: list[Record]) -> None:
    names = {name for record in log for name in _names(record)}
    assert not names & {"quality", "rating", "poor", "relevance", "truth", "creator_quality", "host_quality", "shows"}


def _names(node: object) -> set[str]:
    if isinstance(node, dict):
        return set(node).union(*map(_names, node.values()))
    return set[str]().union(*map(_names, node)) if isinstance(node, list) else set()


def test_the_files_hold_all_of_it(market: Path, tmp_path: Path) -> None:
    told: list[int] = []
    counts = write_behaviour(shoppers(market, days=3, sessions=60), tmp_path, lambda done, _: told.append(done))
    lines = {name: (tmp_path / f"{name}.jsonl").read_bytes().count(b"\n") for name in ("ubi_queries", "ubi_events")}
    assert lines["ubi_queries"] == counts["search"]
    assert lines["ubi_events"] == counts.total() - counts["search"]
    assert told == [1, 2, 3]


def test_a_folder_without_a_market_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"products\.jsonl"):
        list(shoppers(tmp_path).records())


def test_another_market_of_the_same_seed_has_other_searches(market: Path, tmp_path: Path) -> None:
    """Else its events would be joined to the queries of the first."""
    write(generate(SEED, Sizes(products=300, videos=40, lives=10), NOW), tmp_path)
    ids = [{each["query_id"] for each in shoppers(folder, sessions=50).records()} for folder in (market, tmp_path)]
    assert not ids[0] & ids[1]
