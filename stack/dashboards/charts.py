"""How each type of chart is drawn: the `params` of a visualisation, as Dashboards writes them itself."""

from __future__ import annotations

from typing import Any

Params = dict[str, Any]


def params_of(given: dict[str, Any], metrics: list[dict[str, Any]]) -> Params:
    """`given` is the panel as it stands in panels.yml, `metrics` its metric aggregations."""
    kind = given["type"]
    if kind == "table":
        return _table()
    if kind == "metric":
        return _metric()
    return _axes(kind, metrics, percent=given.get("percent", False))


def _table() -> Params:
    return {
        "perPage": 10,
        "showPartialRows": False,
        "showMetricsAtAllLevels": False,
        "showTotal": False,
        "totalFunc": "sum",
        "percentageCol": "",
    }


def _metric() -> Params:
    style = {"bgFill": "#000", "bgColor": False, "labelColor": False, "subText": "", "fontSize": 32}
    return {
        "addTooltip": True,
        "addLegend": False,
        "type": "metric",
        "metric": {
            "percentageMode": False,
            "useRanges": False,
            "colorSchema": "Green to Red",
            "metricColorMode": "None",
            "colorsRange": [{"from": 0, "to": 10_000}],
            "labels": {"show": True},
            "invertColors": False,
            "style": style,
        },
    }


def _axes(kind: str, metrics: list[dict[str, Any]], percent: bool) -> Params:
    """`histogram` (bars), `horizontal_bar` and `line` differ in where the axes are and what a series is drawn as."""
    lying = kind == "horizontal_bar"
    drawn = "line" if kind == "line" else "histogram"
    label = metrics[0]["params"]["customLabel"]
    return {
        "type": "histogram" if lying else kind,
        "grid": {"categoryLines": False},
        "categoryAxes": [
            {
                "id": "CategoryAxis-1",
                "type": "category",
                "position": "left" if lying else "bottom",
                "show": True,
                "style": {},
                "scale": {"type": "linear"},
                "labels": {"show": True, "rotate": 0, "filter": not lying, "truncate": 200 if lying else 100},
                "title": {},
            }
        ],
        "valueAxes": [
            {
                "id": "ValueAxis-1",
                "name": "LeftAxis-1",
                "type": "value",
                "position": "bottom" if lying else "left",
                "show": True,
                "style": {},
                "scale": {"type": "linear", "mode": "percentage" if percent else "normal"},
                "labels": {"show": True, "rotate": 0, "filter": lying, "truncate": 100},
                "title": {"text": label if len(metrics) == 1 else ""},
            }
        ],
        "seriesParams": [
            {
                "show": True,
                "type": drawn,
                "mode": "stacked" if drawn == "histogram" and len(metrics) == 1 else "normal",
                "data": {"id": metric["id"], "label": metric["params"]["customLabel"]},
                "valueAxis": "ValueAxis-1",
                "drawLinesBetweenPoints": True,
                "lineWidth": 2,
                "interpolate": "linear",
                "showCircles": True,
            }
            for metric in metrics
        ],
        "addTooltip": True,
        "addLegend": True,
        "legendPosition": "right",
        "times": [],
        "addTimeMarker": False,
        "labels": {"show": False},
        "thresholdLine": {"show": False, "value": 10, "width": 1, "style": "full", "color": "#E7664C"},
    }
