"""Running the checks: sample the index, make cases, ask each query of each ranker once, judge."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from random import Random

from api.bootstrap import build_searcher
from api.search import Searcher
from learn.checks.catalogue import Catalogue
from learn.checks.model import TOP, Answer, Case, Check, ChecksReport, Failed, Failure, Outcome, Rate, Void
from learn.evaluate import patient
from learn.items import Item, fetch_items, sample_items
from learn.rankers import Advance, Setup, rank
from stack.documents import Kind
from stack.errors import EngineUnavailableError, InputError, Mistake, SoukError
from stack.settings import Settings

KIND: Kind = "product"
SAMPLE = 5_000
# Cases that do not apply are passed over, but a catalogue may have none: stop looking after so many for each wanted.
TRIES = 100


async def run_checks(
    settings: Settings,
    checks: Sequence[Check],
    setups: Sequence[Setup],
    cases: int,
    seed: int,
    advance: Advance | None = None,
) -> ChecksReport:
    """Run the checks for each ranker, on the same cases. Raises InputError when the index is empty, and as a search."""
    async with build_searcher(patient(settings)) as searcher:
        return await check_searcher(searcher, checks, setups, cases, seed, settings.mappings_dir, advance)


async def check_searcher(
    searcher: Searcher,
    checks: Sequence[Check],
    setups: Sequence[Setup],
    cases: int,
    seed: int,
    mappings: Path,
    advance: Advance | None = None,
) -> ChecksReport:
    """The same with a searcher that is there already."""
    items = await sample_items(searcher, KIND, SAMPLE, seed)
    if not items:
        raise InputError([Mistake(searcher.recall.indexes[KIND], "holds no products to make cases from")])
    catalogue = Catalogue(tuple(items), declared_synonyms(mappings, searcher.languages[0]))
    shoppers = [_Shopper(searcher, setup) for setup in setups]
    rates = []
    for number, check in enumerate(checks, start=1):
        made = cases_of(check, catalogue, cases, seed)
        rates.append((check, tuple([await _rate(check, made, shopper) for shopper in shoppers])))
        if advance:
            advance("behavioural checks", number, len(checks))
    return ChecksReport(tuple(map(str, setups)), tuple(rates), len(items), seed)


def cases_of(check: Check, catalogue: Catalogue, count: int, seed: int) -> list[Case]:
    """At most `count` different cases, the same for the same seed, whatever other checks run."""
    made: dict[tuple[str, ...], Case] = {}
    for case in islice(check.make(catalogue, Random(f"{seed} {check.name}")), TRIES * count):  # noqa: S311
        if case.queries:
            made.setdefault(case.queries, case)
        if len(made) == count:
            break
    return list(made.values())


class _Shopper:
    """Asks each query once, and looks at the documents."""

    def __init__(self, searcher: Searcher, setup: Setup) -> None:
        self._searcher = searcher
        self._setup = setup
        self._known: dict[str, list[Item]] = {}

    async def ask(self, query: str) -> list[Item]:
        """The top ten. Raises as a live search does."""
        if query not in self._known:
            ranking = await rank(self._searcher, self._setup, query, KIND, TOP)
            ids = [item.id for item in ranking.row[:TOP]]
            found = await fetch_items(self._searcher, KIND, ids)
            self._known[query] = [found[id_] for id_ in ids if id_ in found]
        return self._known[query]


async def _rate(check: Check, cases: Iterable[Case], shopper: _Shopper) -> Rate:
    outcomes = [(case, await _outcome(check, case, shopper)) for case in cases]
    failures = [Failure(case.queries, outcome.seen) for case, outcome in outcomes if isinstance(outcome, Failed)]
    void = sum(isinstance(outcome, Void) for _, outcome in outcomes)
    counted = len(outcomes) - void
    return Rate(counted - len(failures), counted, void, tuple(failures))


async def _outcome(check: Check, case: Case, shopper: _Shopper) -> Outcome:
    """What the check says; an error of the search is a failure of the case, but not that the engine is away."""
    answers: list[Answer] = []
    for query in case.queries:
        try:
            answers.append(await shopper.ask(query))
        except EngineUnavailableError:
            raise
        except SoukError as error:
            return Failed(f"error: {error}")
    return check.holds(case, answers)


def declared_synonyms(mappings: Path, language: str) -> tuple[tuple[str, str], ...]:
    """The first two phrases of each rule of `mappings/synonyms/<language>.txt` that differ in more than number."""
    file = mappings / "synonyms" / f"{language}.txt"
    if not file.is_file():
        return ()
    rules = [line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
    pairs = []
    for rule in filter(None, rules):
        phrases = [phrase.strip() for phrase in re.split(r",|=>", rule) if phrase.strip()]
        other = next((phrase for phrase in phrases[1:] if phrase.rstrip("s") != phrases[0].rstrip("s")), None)
        if other:
            pairs.append((phrases[0], other))
    return tuple(dict.fromkeys(pairs))
