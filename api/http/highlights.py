"""Highlights: from the core's private marks to HTML.

The core marks matches with U+E000 … U+E001. Text is escaped first and the marks become tags afterwards, here only, so
that nothing from a document is ever taken for markup: `a<b \ue000mouse\ue001` → `a&lt;b <em>mouse</em>`.
"""

from __future__ import annotations

import html
import re

from api.model import Answer

START, END = "\ue000", "\ue001"
MARKED = re.compile(f"{START}([^{START}{END}]*){END}")
STRAY = re.compile(f"[{START}{END}]")


def to_html(text: str, tag: str = "em") -> str:
    """Escaped HTML with each mark as a `tag` element; marks without a partner are dropped."""
    return STRAY.sub("", MARKED.sub(rf"<{tag}>\1</{tag}>", html.escape(text)))


def plain(text: str) -> str:
    """The text without its marks."""
    return STRAY.sub("", text)


def for_json(answer: Answer) -> Answer:
    """The answer with its highlights as `<em>` in escaped text, as the JSON API gives them."""
    hits = [
        hit.model_copy(
            update={"highlights": {field: [to_html(t) for t in texts] for field, texts in hit.highlights.items()}}
        )
        if hit.highlights
        else hit
        for hit in answer.hits
    ]
    return answer.model_copy(update={"hits": hits})
