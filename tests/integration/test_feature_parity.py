"""A feature has one value, however it is computed: by named queries here, by templates of the plugin on a cluster.

The rendered template of each feature is run as an ordinary query over the same candidates, as the plugin would score
it. On a cluster that has the plugin (`SOUK_TEST_OPENSEARCH_URL`) its own log must say the same.
"""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mustache import render
from opensearchpy.exceptions import NotFoundError as EngineNotFound
from running import run_souk
from understanding import told

from api.bootstrap import build_searcher
from api.funnel.compile import plugin_feature_set, plugin_params
from api.funnel.feature_set import FeatureSet
from api.funnel.final_stage import Features
from api.funnel.params import clause_params
from api.model import SearchRequest
from api.search import Searcher
from api.understand.model import PriceRange, Span
from stack.documents import KINDS, Kind
from stack.embedding import Encoder
from stack.settings import Settings

pytestmark = pytest.mark.engine
TOLERANCE = 1e-4
ICECAT_ROWS = 300


@dataclass(frozen=True)
class Case:
    """What was computed here for the candidates of one query, and the parameters that the plugin would be sent."""

    index: str
    features: FeatureSet
    seen: Features
    params: dict[str, Any]


def market_rows(settings: Settings, kind: str) -> list[dict[str, Any]]:
    file = settings.state_dir.parent / "market" / f"{kind}.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def market_queries(settings: Settings) -> dict[str, dict[str, Any]]:
    """Queries in the market's own words, and what a lexicon of it would recognise in them."""
    products, videos = market_rows(settings, "products"), market_rows(settings, "videos")
    whole = next(
        row
        for row in products
        if row.get("model") and row.get("attributes") and row.get("price") and row.get("description")
    )
    name, value = next((name, value) for name, value in whole["attributes"].items() if isinstance(value, str))
    words = whole["title"].split()
    path = " > ".join(whole["category"])
    text = f"{whole['brand']} {value} {words[-1]}"
    spans = (
        Span("brand", whole["brand"], whole["brand"], 0.9, "brand"),
        Span("attribute", value, value, 0.8, f"attr.{name}"),
        Span("compatible", words[-1], words[-1], 0.7),
    )
    person = videos[0]["creator_name"]
    return {
        text: {
            "spans": spans,
            "categories": ((path, 0.7), (whole["category"][0], 0.2)),
            "informativeness": {word.lower(): 0.3 for word in text.split()},
            "price": PriceRange(gte=1, lte=float(whole["price"])),
            "intent": {"product": 0.7, "video": 0.2, "live": 0.1},
        },
        str(whole["model"]): {},
        whole["title"]: {"variants": (words[0],)},
        f"{person} review": {"spans": (Span("person", person, person, 0.8),)},
        'live "deals" $text {{text}} ~*?': {},
        " ".join(itertools.islice(itertools.cycle(words), 64)): {},
        " ".join(whole["description"].split()[:4]): {},
    }


@pytest.fixture(scope="module")
async def market(market_settings: Settings, encoder: Encoder) -> AsyncIterator[Searcher]:
    async with build_searcher(market_settings, encoder) as built:
        yield replace(told(built, market_queries(market_settings)), deadline_s=60)


@pytest.fixture(scope="module")
def icecat_settings(make_indexes: Callable[..., Settings], shared_data: Path, tmp_path_factory: Any) -> Settings:
    """A few hundred real products: long titles, attributes by the dozen, documents without a price."""
    settings = make_indexes("parity")
    file = tmp_path_factory.mktemp("icecat") / "products.jsonl"
    with gzip.open(shared_data / "chorus_icecat" / "products.jsonl.gz", "rt", encoding="utf-8") as lines:
        file.write_text("".join(itertools.islice(lines, ICECAT_ROWS)), encoding="utf-8")
    run_souk(settings, "ingest", "products", str(file))
    return settings


async def cases(searcher: Searcher, q: str, kinds: tuple[Kind, ...]) -> list[Case]:
    """The features of a query's candidates by the live path, and the plugin's parameters for them."""
    found = []
    for kind in kinds:
        ranking = await searcher.rank(SearchRequest(q=q, types=[kind]), 20, log_features=True)
        if kind not in ranking.ranked.features:
            continue
        seen, features = ranking.ranked.features[kind], searcher.serving.features[kind]
        vector = searcher.encoder.encode_query(ranking.plan.words.text).tolist()
        params = clause_params(ranking.plan, kind, vector, searcher.rules.lexical)
        tables = {
            name: dict(zip(seen.ids, map(float, column), strict=True))
            for name, column in zip(seen.names, seen.values.T, strict=True)
        }
        found.append(Case(searcher.recall.indexes[kind], features, seen, plugin_params(features, params, tables)))
    return found


async def by_template(searcher: Searcher, case: Case) -> np.ndarray:
    """(n, f): each feature's rendered template as an ordinary query over the candidates."""
    places = {id_: place for place, id_ in enumerate(case.seen.ids)}
    values = np.full(case.seen.values.shape, np.nan)
    lines: list[dict[str, Any]] = []
    for each in plugin_feature_set(case.features)["featureset"]["features"]:
        query = render(each["template"], {name: case.params[name] for name in each["params"]})
        wanted = {"bool": {"filter": [{"terms": {"id": list(case.seen.ids)}}], "must": [query]}}
        lines += [
            {"index": case.index},
            {"size": len(places), "query": wanted, "docvalue_fields": ["id"], "_source": False},
        ]
    answer = await searcher.client.msearch(body=lines)
    for column, response in enumerate(answer["responses"]):
        assert "error" not in response, (case.seen.names[column], response.get("error"))
        for hit in response["hits"]["hits"]:
            values[places[hit["fields"]["id"][0]], column] = hit["_score"]
    return values


def assert_same(case: Case, values: np.ndarray, where: str) -> None:
    wrong = {}
    for column, name in enumerate(case.seen.names):
        ours, theirs = case.seen.values[:, column].astype(float), values[:, column]
        assert not np.isnan(theirs).any(), f"{name}: the {where} left candidates out"
        # The engine's scores are 32-bit floats: of one of 40 the seventh digit is worth 4e-6.
        far = np.flatnonzero(~np.isclose(ours, theirs, rtol=1e-6, atol=TOLERANCE))
        if len(far):
            wrong[name] = [(case.seen.ids[place], ours[place], theirs[place]) for place in far[:3]]
    assert not wrong, f"(document, here, {where}): {wrong}"


@pytest.mark.parametrize("number", range(7))
async def test_a_template_of_the_plugin_scores_as_the_named_query_does(
    market: Searcher, market_settings: Settings, number: int
) -> None:
    q = list(market_queries(market_settings))[number]
    made = await cases(market, q, KINDS)
    assert made, f"{q} found nothing"
    for case in made:
        assert_same(case, await by_template(market, case), "template")


async def test_every_clause_matched_something_in_some_query(market: Searcher, market_settings: Settings) -> None:
    """Parity of zeros would prove nothing."""
    known: dict[Kind, dict[str, float]] = {kind: {} for kind in KINDS}
    for q in market_queries(market_settings):
        for case in await cases(market, q, KINDS):
            for name, column in zip(case.seen.names, case.seen.values.T, strict=True):
                known[case.features.kind][name] = max(known[case.features.kind].get(name, 0.0), float(column.max()))
    zero = {kind: sorted(name for name, most in found.items() if most == 0) for kind, found in known.items()}
    assert set(zero["product"]) <= {"shopper_affinity", "is_on"}
    engine = {kind: {each.name for each in market.serving.features[kind].of("engine")} for kind in KINDS}
    assert engine["video"] & set(zero["video"]) <= {"category_match"}, zero["video"]


async def test_real_products_too(icecat_settings: Settings, encoder: Encoder) -> None:
    queries: dict[str, dict[str, Any]] = {
        "xerox toner": {
            "spans": (Span("brand", "xerox", "Xerox", 0.95, "brand"),),
            "informativeness": {"xerox": 0.6, "toner": 0.4},
        },
        "dv7-1211ea": {},
        "notebook 17 inch": {"price": PriceRange(gte=100, lte=100_000)},
    }
    async with build_searcher(icecat_settings, encoder) as built:
        searcher = replace(told(built, queries), deadline_s=60)
        for q in queries:
            (case,) = await cases(searcher, q, ("product",))
            assert len(case.seen.ids) > 50
            assert_same(case, await by_template(searcher, case), "template")


async def test_the_plugins_own_log(market: Searcher, market_settings: Settings) -> None:
    """The shapes of docs/engine.md: a feature set, then `sltr` in a filter with `ltr_log` beside it."""
    if not market.can.ltr:
        pytest.skip("this cluster has no learning-to-rank plugin")
    client = market.client
    try:
        await client.transport.perform_request("GET", "/_ltr")
    except EngineNotFound:
        await client.transport.perform_request("PUT", "/_ltr")
    for q in list(market_queries(market_settings))[:4]:
        for case in await cases(market, q, KINDS):
            name = f"{market_settings.index_prefix}-{case.features.kind}-{case.features.hash}"
            path = f"/_ltr/_featureset/{name}"
            await client.transport.perform_request("PUT", path, body=plugin_feature_set(case.features))
            try:
                assert_same(case, await logged_by_plugin(market, case, name), "plugin")
            finally:
                await client.transport.perform_request("DELETE", path)


async def logged_by_plugin(searcher: Searcher, case: Case, feature_set: str) -> np.ndarray:
    """(n, f) as the plugin logs them."""
    places = {id_: place for place, id_ in enumerate(case.seen.ids)}
    sltr = {"sltr": {"_name": "logged", "featureset": feature_set, "params": case.params}}
    body = {
        "size": len(places),
        "query": {"bool": {"filter": [{"terms": {"id": list(case.seen.ids)}}, sltr]}},
        "docvalue_fields": ["id"],
        "_source": False,
        "ext": {"ltr_log": {"log_specs": [{"name": "entry", "named_query": "logged", "missing_as_zero": True}]}},
    }
    answer = await searcher.client.search(index=case.index, body=body)
    values = np.full(case.seen.values.shape, np.nan)
    for hit in answer["hits"]["hits"]:
        row = {each["name"]: each.get("value", 0.0) for each in hit["fields"]["_ltrlog"][0]["entry"]}
        values[places[hit["fields"]["id"][0]]] = [row[name] for name in case.seen.names]
    return values
