"""What the learning-to-rank plugin makes of a feature template, as docs/engine.md describes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any


def render(template: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """A text template with its parameters in place, read as JSON. Raises KeyError for a parameter that is missing."""
    text = re.sub(r"\{\{#toJson\}\}(\w+)\{\{/toJson\}\}", lambda found: json.dumps(params[found[1]]), template)
    rendered: dict[str, Any] = json.loads(re.sub(r"\{\{(\w+)\}\}", lambda found: str(params[found[1]]), text))
    return rendered
