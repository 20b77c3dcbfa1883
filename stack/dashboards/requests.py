"""What a saved object asks of the engine, as Dashboards would: its query, its aggregations, its time.

Only of the object itself, never of what it was made from: so it can be tried whether a panel shows anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from stack.dashboards.build import INDEX_REFERENCE, SavedObject

# Dashboards chooses an interval that gives about fifty bars; that of two weeks.
AUTO = "6h"
CALENDAR = {"d": "1d", "w": "1w", "M": "1M"}
LISTED = 50


@dataclass(frozen=True)
class PanelRequest:
    """One search: of which index pattern, with which body."""

    title: str
    index: str
    body: dict[str, Any]


def panel_request(panel: SavedObject, objects: list[SavedObject], since: str, until: str = "now") -> PanelRequest:
    """The search of a visualisation or saved search between two times (`now-14d`)."""
    attributes = panel["attributes"]
    title = attributes["title"]
    state = json.loads(attributes.get("visState", "{}"))
    if state.get("type") == "vega":
        url = json.loads(state["params"]["spec"])["data"]["url"]
        return PanelRequest(title, url["index"], _vega_body(url, since, until))
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    pattern = _referenced(panel, source["indexRefName"], objects)["attributes"]
    filters: list[dict[str, Any]] = []
    if words := source["query"]["query"]:
        filters.append(_lucene(words))
    if time := pattern.get("timeFieldName"):
        filters.append({"range": {time: {"gte": since, "lte": until}}})
    body: dict[str, Any] = {"query": {"bool": {"filter": filters}}, "track_total_hits": True}
    if panel["type"] == "search":
        body |= {"size": LISTED, "sort": [{name: order} for name, order in attributes["sort"]]}
    else:
        body |= {"size": 0, "aggs": _aggregations(state["aggs"])}
    return PanelRequest(title, pattern["title"], body)


def shown(answer: dict[str, Any], request: PanelRequest) -> int:
    """How much the panel would show: rows of a list; of a chart the buckets of its outermost aggregation that hold a
    document, or the numbers that are there."""
    if request.body["size"]:
        return len(answer["hits"]["hits"])
    return sum(_filled(each) for each in answer.get("aggregations", {}).values()) or (
        answer["hits"]["total"]["value"] if not request.body["aggs"] else 0
    )


def _filled(aggregation: dict[str, Any]) -> int:
    if "buckets" in aggregation:
        buckets = aggregation["buckets"]
        rows = list(buckets.values() if isinstance(buckets, dict) else buckets)
        inner = [value for row in rows for value in row.values() if isinstance(value, dict)]
        full = sum(bool(row["doc_count"]) for row in rows)
        # A bar without a height is no bar: a metric inside must have a value somewhere.
        return full if not inner or any(map(_filled, inner)) else 0
    if "values" in aggregation:
        return sum(value is not None for value in aggregation["values"].values())
    if "value" in aggregation:
        return int(aggregation["value"] is not None)
    return int(bool(aggregation.get("doc_count")))


def _referenced(panel: SavedObject, name: str, objects: list[SavedObject]) -> SavedObject:
    assert name == INDEX_REFERENCE
    wanted = next((each["type"], each["id"]) for each in panel["references"] if each["name"] == name)
    return next(each for each in objects if (each["type"], each["id"]) == wanted)


def _lucene(words: str) -> dict[str, Any]:
    return {"query_string": {"query": words, "analyze_wildcard": True}}


def _vega_body(url: dict[str, Any], since: str, until: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(
        json.dumps(url["body"])
        .replace('{"%timefilter%": "min"}', json.dumps(since))
        .replace('{"%timefilter%": "max"}', json.dumps(until))
    )
    for clause in body.get("query", {}).get("bool", {}).get("filter", []):
        for bounds in clause.get("range", {}).values():
            bounds.pop("format", None)  # Dashboards fills in milliseconds, we dates
    if time := url.get("%timefield%"):
        body["query"] = {"bool": {"filter": [{"range": {time: {"gte": since, "lte": until}}}]}}
    return body | {"track_total_hits": True}


def _aggregations(aggs: list[dict[str, Any]]) -> dict[str, Any]:
    """Buckets nest in their order, metrics stand in the innermost (and in each, to order by)."""
    metrics = {each["id"]: body for each in aggs if each["schema"] == "metric" and (body := _metric(each))}
    nested: dict[str, Any] = metrics
    for each in reversed([each for each in aggs if each["schema"] != "metric"]):
        nested = {each["id"]: _bucket(each, metrics) | ({"aggs": metrics | nested} if metrics | nested else {})}
    return nested


def _metric(agg: dict[str, Any]) -> dict[str, Any] | None:
    if agg["type"] == "count":
        return None  # each bucket has its count
    return {agg["type"]: {name: agg["params"][name] for name in ("field", "percents") if name in agg["params"]}}


def _bucket(agg: dict[str, Any], metrics: dict[str, Any]) -> dict[str, Any]:
    params = agg["params"]
    if agg["type"] == "filters":
        return {"filters": {"filters": {each["label"]: _lucene(each["input"]["query"]) for each in params["filters"]}}}
    if agg["type"] == "date_histogram":
        interval = params["interval"]
        width = {"calendar_interval": CALENDAR[interval]} if interval in CALENDAR else {"fixed_interval": AUTO}
        return {"date_histogram": {"field": params["field"], "min_doc_count": params["min_doc_count"], **width}}
    by = params["orderBy"]
    # Dashboards orders percentiles by their first one, and everything else by the metric, which may be the count.
    order = "_count" if by not in metrics or "percentiles" in metrics[by] else by
    return {"terms": {"field": params["field"], "size": params["size"], "order": {order: params["order"]}}}
