"""What shoppers of a market did: truth → demand → visits, day by day → two files of UBI 1.3.

It reads the hidden truth, because it plays reality: what fits is clicked, what is poor comes back. The log that it
writes holds nothing of that truth, and is all that serving and learning may see of it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import orjson

from learn.market.judging.reading import read_truth
from learn.market.judging.speech import Speech
from learn.market.judging.words import load_words
from learn.market.shopping.asked import Demand
from learn.market.shopping.rules import BehaviourWords, load_behaviour
from learn.market.shopping.visit import Visit, new_id
from learn.market.text import Record, stream
from learn.market.vocabulary import load_vocabulary
from stack.behaviour import EVENTS, QUERIES
from stack.errors import ConfigError, InputError, Mistake

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Shoppers:
    """`sessions` visits in `days` days, the last of which is that of `now`; nothing is later than `now`.

    A day is the same whenever it is simulated: tomorrow's run has today's records, and can be imported over them.
    """

    market: Path
    days: int
    sessions: int
    seed: int
    now: datetime

    def records(self, done: Report | None = None) -> Iterator[Record]:
        """All queries and events. Raises InputError when the folder holds no market, or one too small to ask for."""
        words = load_behaviour()
        speech = Speech(load_words(), read_truth(self.market, load_words(), load_vocabulary()))
        demand = Demand(speech, words, self.seed)
        if not len(demand):
            raise InputError([Mistake(str(self.market), "nothing can be asked for")], "Generate a larger market")
        products = {fact.id: fact for fact in speech.truth.facts["product"]}
        for number in range(self.days):
            for visit in self._visits(self._day(number), words, demand.market):
                for record in Visit(words, demand, products, *visit).records():
                    if record["timestamp"] <= self.now:
                        yield record
            if done:
                done(number + 1, self.days)

    def _day(self, number: int) -> date:
        return self.now.astimezone(UTC).date() - timedelta(days=self.days - 1 - number)

    def _visits(self, day: date, words: BehaviourWords, market: str) -> Iterator[tuple[str, datetime, Random]]:
        """(client, start, random stream) of each visit of a day."""
        rhythm = words.week[day.weekday()] * 7 / sum(words.week)
        unrest = math.exp(stream(self.seed, "day", day).gauss(0, words.unrest))
        clients = max(1, round(words.clients * self.sessions))
        for number in range(round(self.sessions / self.days * rhythm * unrest)):
            random = stream(self.seed, "visit", market, day, number)
            hour = random.choices(range(24), words.day)[0]
            start = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
            client = new_id(stream(self.seed, "client", random.randrange(clients)))
            yield client, start + timedelta(seconds=round(random.uniform(0, 3_600), 3)), random


def write_behaviour(shoppers: Shoppers, out: Path, done: Report | None = None) -> Counter[str]:
    """`ubi_queries.jsonl` and `ubi_events.jsonl` in a folder. Counts the searches, and the events by action.

    Raises InputError as `Shoppers.records`, ConfigError when the folder cannot be written.
    """
    counts: Counter[str] = Counter()
    try:
        out.mkdir(parents=True, exist_ok=True)
        with (out / f"{QUERIES}.jsonl").open("wb") as queries, (out / f"{EVENTS}.jsonl").open("wb") as events:
            for record in shoppers.records(done):
                action = record.get("action_name")
                (events if action else queries).write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
                counts[action or "search"] += 1
    except OSError as error:
        what = f"behaviour: cannot write {out}: {error.strerror}"
        raise ConfigError(what, "Choose a folder that can be written") from error
    return counts
