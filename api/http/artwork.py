"""The picture of an item: one of our own media, one of a host that the settings allow, or a drawing that stands for it.

No other address is ever loaded, by a page or by us: it may be on an internal network, and it would tell of shoppers.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

TONES = 8
# A plain file below /media: no step upwards, no hidden file, no query.
MEDIA = re.compile(r"/media(?:/\w[\w.-]*)+")

# Symbol of static/icons.svg ← words of category or title. The first row that fits decides, narrow words first.
WORDS: tuple[tuple[str, str], ...] = (
    ("headphones", r"headphones?|headsets?|earphones?|earbuds?|earpods?"),
    ("speaker", r"speakers?|soundbars?|subwoofers?|hi-?fi|audio"),
    ("printer", r"printers?|scanners?|copiers?|toners?|inkjet|cartridges?|ink"),
    ("camera", r"cameras?|camcorders?|lens(es)?|photo(graphy)?|webcams?|tripods?"),
    ("mouse", r"mouse|mice|trackballs?"),
    ("keyboard", r"keyboards?|keypads?"),
    ("laptop", r"laptops?|notebooks?|ultrabooks?|macbook|chromebooks?"),
    ("phone", r"phones?|smartphones?|iphone|mobiles?|tablets?|ipad"),
    ("screen", r"monitors?|tvs?|televisions?|displays?|projectors?|screens?"),
    ("watch", r"watch(es)?|smartwatch(es)?|wearables?|jewell?ery"),
    ("gamepad", r"gam(es?|ing)|consoles?|controllers?|toys?|puzzles?|playstation|xbox"),
    (
        "chip",
        r"processors?|memory|ram|ssds?|drives?|storage|graphics|motherboards?|components?|servers?|computers?|pcs?",
    ),
    ("cable", r"cables?|adapters?|chargers?|hubs?|docks?|batter(y|ies)|power|network(ing)?|routers?"),
    ("shoe", r"shoes?|sneakers?|boots?|sandals?|footwear|trainers?"),
    ("shirt", r"shirts?|clothing|clothes|fashion|dress(es)?|jackets?|coats?|jeans|apparel|hoodies?"),
    ("bag", r"bags?|backpacks?|luggage|suitcases?|wallets?|cases?|sleeves?"),
    ("cup", r"coffee|tea|kitchen|cookware|pans?|pots?|mugs?|kettles?|blenders?|knives|food|grocery|drinks?|bottles?"),
    ("sofa", r"furniture|sofas?|chairs?|tables?|desks?|beds?|home|living|cushions?|decor|rugs?"),
    ("lamp", r"lamps?|lights?|lighting|bulbs?|lanterns?|candles?"),
    ("plant", r"garden(ing)?|plants?|flowers?|outdoors?|seeds?"),
    ("tools", r"tools?|drills?|saws?|hardware|diy|screwdrivers?|hammers?|appliances?|vacuums?"),
    ("drop", r"beauty|skincare|cosmetics?|make-?up|perfumes?|fragrances?|hair|shampoos?|cream|serum|care|health"),
    ("ball", r"sports?|fitness|yoga|running|cycling|bikes?|tents?|camping|gym|balls?"),
    ("book", r"books?|stationery|paper|pens?|office|notepads?|calendars?"),
    ("baby", r"bab(y|ies)|kids|child(ren)?|nursery|strollers?"),
    ("paw", r"pets?|dogs?|cats?|aquariums?"),
)
PATTERNS = tuple((icon, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for icon, words in WORDS)


def picture_of(document: Mapping[str, Any], hosts: Collection[str]) -> str | None:
    """The address of the picture that may be shown: the first of `images`, else `poster`, else `picture`."""
    images = document.get("images") or (document.get("poster") or document.get("picture"),)
    url = images[0] if isinstance(images, list | tuple) else None
    return url if isinstance(url, str) and may_show(url, hosts) else None


def may_show(url: str, hosts: Collection[str]) -> bool:
    """Is it a file of ours, or at https on one of the hosts, without a port or a user before it?"""
    if MEDIA.fullmatch(url):
        return True
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and parts.netloc.lower() in hosts


def icon_of(document: Mapping[str, Any]) -> str:
    """The symbol for an item: from its category, innermost first, then from its title; a box when nothing fits."""
    for text in (*reversed(list(document.get("category") or ())), document.get("title", "")):
        for icon, pattern in PATTERNS:
            if pattern.search(text):
                return icon
    return "box"


def tone_of(document: Mapping[str, Any]) -> int:
    """A colour number from 0 to 7, the same for the same category (or, without one, for the same id)."""
    key = " > ".join(document.get("category") or ()) or str(document.get("id", ""))
    return zlib.crc32(key.encode()) % TONES
