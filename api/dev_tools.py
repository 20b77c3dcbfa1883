"""Bodies for people: a request as Dashboards' Dev Tools takes it."""

from __future__ import annotations

import json
from typing import Any

SHOWN = 4


def dev_tools_entry(title: str, index: str, body: dict[str, Any]) -> dict[str, Any]:
    """One request with its method, path and body, and the text to paste."""
    path = f"/{index}/_search"
    text = f"# {title}\nPOST {path}\n{json.dumps(body, ensure_ascii=False, indent=2)}"
    return {"title": title, "method": "POST", "path": path, "body": body, "dev_tools": text}


def shorten_vectors(node: Any) -> Any:
    """The same body with each vector cut to its first numbers."""
    if isinstance(node, dict):
        return {key: _vector(value) if key == "vector" else shorten_vectors(value) for key, value in node.items()}
    return [shorten_vectors(item) for item in node] if isinstance(node, list) else node


def _vector(value: Any) -> Any:
    if not isinstance(value, list) or len(value) <= SHOWN:
        return value
    return [*(round(number, 4) for number in value[:SHOWN]), f"… {len(value)} numbers"]
