"""Text as people typed it → clean text: no markup, mended encoding, NFC, no control characters, single spaces."""

from __future__ import annotations

import html
import re
from functools import lru_cache

import ftfy
from selectolax.lexbor import LexborHTMLParser

# ASCII text without any of these is clean already: most strings take this way and cost one scan.
DIRTY = re.compile(r"[<&\x00-\x1f\x7f]|  |\A | \Z")
ENTITY = re.compile(r"&(#\d+|#x[0-9a-fA-F]+|[A-Za-z]\w+);")
# Only real tags make a text HTML: "Mini PC (<= 3 L)" and "vector<int>" keep their angle brackets.
TAG = re.compile(
    r"</?(a|abbr|b|big|blockquote|br|center|code|div|em|font|h[1-6]|hr|html|body|head|i|img|li|ol|p|pre|s|script|section|"
    r"small|span|strong|style|sub|sup|table|tbody|td|th|thead|tr|u|ul|article|header|footer|iframe|input|label|meta|link)"
    r"(\s[^<>]*)?/?>|<!--",
    re.IGNORECASE,
)
BLOCK = re.compile(
    r"<(?=/?(?:article|blockquote|br|div|footer|h[1-6]|header|hr|li|ol|p|pre|section|table|td|th|tr|ul)\b)",
    re.IGNORECASE,
)
UNSEEN = ("script", "style", "iframe", "head")
# Private-use characters too: two of them mark the words found (api/query/highlight.py), and no font shows the others.
CONTROL = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ue000-\uf8ff\ufeff\ufff9-\ufffb]"
)
MENDING = ftfy.TextFixerConfig(unescape_html=False, uncurl_quotes=False, normalization="NFC", max_decode_length=200_000)
CACHED_LENGTH = 80  # attribute values and names repeat; titles and descriptions do not


def clean(text: str) -> str:
    """`"<p>Caf&eacute;\\u00a0 Ol\\u00c3\\u00a9</p>"` → `"Café Olé"`. Empty when nothing readable is left."""
    if text.isascii() and not DIRTY.search(text):
        return text
    return _clean_short(text) if len(text) <= CACHED_LENGTH else _clean(text)


def _clean(text: str) -> str:
    text = without_markup(text)
    if not text.isascii():
        text = ftfy.fix_text(text, MENDING)
    return " ".join(CONTROL.sub("", text).split())


_clean_short = lru_cache(maxsize=50_000)(_clean)


def without_markup(text: str) -> str:
    """HTML → its visible text, with a space where a block begins or ends. Other text is returned as it is."""
    if "<" in text and TAG.search(text):
        tree = LexborHTMLParser(BLOCK.sub(" <", text))
        tree.strip_tags(list(UNSEEN), recursive=True)
        return str(tree.text())
    if "&" in text and ENTITY.search(text):
        return html.unescape(text)
    return text
