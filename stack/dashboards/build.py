"""`panels.yml` → saved objects: index patterns, visualisations, a saved search, dashboards, with references by id.

The shapes are those of the sample data and of exports in opensearch-project/OpenSearch-Dashboards: what Dashboards
keeps as text (`visState`, `searchSourceJSON`, `panelsJSON`) is text here too.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Template
from typing import Any

import orjson
import yaml

from stack.dashboards.charts import params_of
from stack.errors import ConfigError

SOURCE = Path(__file__).parent / "panels.yml"
COMMITTED = Path(__file__).parent / "souk.ndjson"
INDEX_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.index"
# The schemas that the objects below are written in; Dashboards migrates them from there.
MIGRATED = {"index-pattern": "7.6.0", "visualization": "7.10.0", "search": "7.9.3", "dashboard": "7.9.3"}
PANEL_VERSION = "3.5.0"
NO_FILTER: dict[str, Any] = {"query": {"query": "", "language": "lucene"}, "filter": []}

SavedObject = dict[str, Any]


@cache
def read_source() -> dict[str, Any]:
    """`panels.yml`. Raises ConfigError when it is not YAML."""
    try:
        content: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{SOURCE.name}: {error}", "Correct that file or reinstall souk") from error
    return content


def build(prefix: str) -> list[SavedObject]:
    """All saved objects for the indexes of a prefix; an object stands after those that it refers to."""
    source = read_source()
    shop = _Shop(prefix, source)
    return [
        *(shop.pattern(name) for name in source["patterns"]),
        *(shop.panel(name) for name in source["panels"]),
        *(shop.dashboard(name) for name in source["dashboards"]),
    ]


def as_ndjson(objects: list[SavedObject]) -> bytes:
    """One object a line, as an import wants it."""
    return b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in objects)


class _Shop:
    def __init__(self, prefix: str, source: dict[str, Any]) -> None:
        self.prefix = prefix
        self.source = source

    def id(self, name: str) -> str:
        """Stable: loading again replaces what is there."""
        return f"{self.prefix}-{name}"

    def pattern(self, name: str) -> SavedObject:
        given = self.source["patterns"][name]
        # Without `fields` Dashboards reads them from the index when it first opens the pattern.
        attributes = {"title": self._filled(given["title"])}
        attributes |= {"timeFieldName": given["time"]} if "time" in given else {}
        return self._object("index-pattern", f"pattern-{name}", attributes)

    def panel(self, name: str) -> SavedObject:
        given = self.source["panels"][name]
        kind = "search" if given["type"] == "search" else "visualization"
        attributes = {"title": self._title(given["title"]), "description": given.get("description", ""), "version": 1}
        references = [self._reference(INDEX_REFERENCE, "index-pattern", f"pattern-{given['pattern']}")]
        source = NO_FILTER | {"query": {"query": given.get("query", ""), "language": "lucene"}}
        if kind == "search":
            time = self.source["patterns"][given["pattern"]]["time"]
            attributes |= {"columns": given["columns"], "sort": [[time, "desc"]]}
            source |= {"highlightAll": True, "version": True, "indexRefName": INDEX_REFERENCE}
        else:
            attributes |= {"visState": _text(self._state(given)), "uiStateJSON": "{}"}
            if given["type"] == "vega":
                references = []  # a Vega panel names its index in its own specification
            else:
                source |= {"indexRefName": INDEX_REFERENCE}
        attributes["kibanaSavedObjectMeta"] = {"searchSourceJSON": _text(source)}
        return self._object(kind, name, attributes, references)

    def _state(self, given: dict[str, Any]) -> dict[str, Any]:
        """What the chart shows and how it is drawn."""
        state = {"title": self._title(given["title"]), "type": given["type"]}
        if given["type"] == "vega":
            return state | {"aggs": [], "params": {"spec": _text(self._vega(given), indent=True)}}
        metrics = [_metric(number, each) for number, each in enumerate(given["metrics"], start=1)]
        first = len(metrics) + 1
        buckets = [_bucket(number, each) for number, each in enumerate(given.get("buckets", []), start=first)]
        return state | {"aggs": [*metrics, *buckets], "params": params_of(given, metrics)}

    def _vega(self, given: dict[str, Any]) -> dict[str, Any]:
        pattern = self.source["patterns"][given["pattern"]]
        body: dict[str, Any] = {"size": 0, "aggs": given["aggs"]}
        # Beside its own query a specification cannot ask for the dashboard's context, only for its time.
        url = {"index": self._filled(pattern["title"]), "%timefield%": pattern["time"], "%context%": True}
        if query := given.get("query"):
            url.pop("%context%")
            url.pop("%timefield%")
            between = {"gte": {"%timefilter%": "min"}, "lte": {"%timefilter%": "max"}, "format": "epoch_millis"}
            within = {"range": {pattern["time"]: between}}
            body["query"] = {"bool": {"filter": [{"query_string": {"query": query}}, within]}}
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v4.json",
            "data": {"url": url | {"body": body}, "format": {"property": given["property"]}},
            **given["spec"],
        }

    def dashboard(self, name: str) -> SavedObject:
        given = self.source["dashboards"][name]
        panels: list[dict[str, Any]] = []
        references: list[dict[str, str]] = []
        top = 0
        for height, widths in given["rows"]:
            left = 0
            for panel, width in widths.items():
                number = str(len(panels))
                kind = "search" if self.source["panels"][panel]["type"] == "search" else "visualization"
                references.append(self._reference(f"panel_{number}", kind, panel))
                panels.append(
                    {
                        "version": PANEL_VERSION,
                        "gridData": {"x": left, "y": top, "w": width, "h": height, "i": number},
                        "panelIndex": number,
                        "embeddableConfig": {},
                        "panelRefName": f"panel_{number}",
                    }
                )
                left += width
            top += height
        attributes = {
            "title": self._title(given["title"]),
            "description": given["description"],
            "hits": 0,
            "panelsJSON": _text(panels),
            "optionsJSON": _text({"hidePanelTitles": False, "useMargins": True}),
            "version": 1,
            "timeRestore": True,
            "timeFrom": f"now-{self.source['days']}d",
            "timeTo": "now",
            "refreshInterval": {"pause": True, "value": 0},
            "kibanaSavedObjectMeta": {"searchSourceJSON": _text(NO_FILTER)},
        }
        return self._object("dashboard", f"dashboard-{name}", attributes, references)

    def _object(
        self, kind: str, name: str, attributes: dict[str, Any], references: list[dict[str, str]] | None = None
    ) -> SavedObject:
        return {
            "type": kind,
            "id": self.id(name),
            "attributes": attributes,
            "references": references or [],
            "migrationVersion": {kind: MIGRATED[kind]},
        }

    def _reference(self, name: str, kind: str, target: str) -> dict[str, str]:
        return {"name": name, "type": kind, "id": self.id(target)}

    def _filled(self, text: str) -> str:
        return Template(text).substitute(prefix=self.prefix)

    def _title(self, title: str) -> str:
        return f"[{self.prefix}] {title}"


def _metric(number: int, given: dict[str, Any]) -> dict[str, Any]:
    params = {name: given[name] for name in ("field", "percents") if name in given}
    return _agg(number, "metric", given["type"], params | {"customLabel": given["label"]})


def _bucket(number: int, given: dict[str, Any]) -> dict[str, Any]:
    params: dict[str, Any] = {"customLabel": given["label"]} if "label" in given else {}
    if given["type"] == "filters":
        rows = given["filters"].items()
        params["filters"] = [{"input": {"query": query, "language": "lucene"}, "label": label} for label, query in rows]
    elif given["type"] == "date_histogram":
        params |= {"field": given["field"], "interval": given["interval"], "min_doc_count": 1, "drop_partials": False}
        params |= {"useNormalizedOpenSearchInterval": True, "scaleMetricValues": False, "extended_bounds": {}}
    else:
        params |= {"field": given["field"], "size": given["size"], "order": "desc", "orderBy": "1"}
        params |= {"otherBucket": False, "otherBucketLabel": "Other"}
        params |= {"missingBucket": False, "missingBucketLabel": "Missing"}
    return _agg(number, given["schema"], given["type"], params)


def _agg(number: int, schema: str, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"id": str(number), "enabled": True, "type": kind, "schema": schema, "params": params}


def _text(value: Any, indent: bool = False) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 if indent else None).decode()
