"""A small catalogue's lexicon for the tests of the chain, and the chain over it."""

from __future__ import annotations

from dataclasses import replace

from api.understand.chain import NAMES, Understander
from api.understand.dictionaries import Entry
from api.understand.lexicon import Lexicon
from api.understand.model import Understanding
from api.understand.step_rules import load_step_rules
from api.understand.vocabulary import GROUPS, Vocabulary
from stack.settings import ROOT

RULES = load_step_rules(ROOT / "mappings")

WORDS = {
    "wireless": 900, "mouse": 400, "keyboard": 700, "headset": 100, "head": 30, "set": 300, "headphone": 60,
    "headphones": 500, "phone": 800, "stand": 200, "smart": 120, "watch": 150, "smartwatch": 40, "laptop": 900,
    "laptops": 60, "notebook": 800, "charger": 90, "cable": 900, "usb": 2000, "case": 600, "iphone": 120, "12": 400,
    "samsung": 300, "galaxy": 150, "monitor": 500, "black": 3000, "red": 400, "rose": 20, "gold": 50, "leather": 80,
    "switch": 900, "nintendo": 40, "canon": 200, "canyon": 2, "toner": 300, "cartridge": 400, "brother": 150,
    "receiver": 60, "microphone": 120, "noise": 80, "cancelling": 60, "flip": 30, "cover": 150, "video": 500,
    "card": 700, "graphics": 200, "camera": 300, "live": 40, "view": 90, "dvd": 100, "player": 120, "bluetooth": 600,
    "blue": 300, "speaker": 250, "hp": 1200, "dell": 300, "windows": 900, "10": 1500, "lens": 80, "desk": 90, "ear": 60,
    "tooth": 4, "wd": 60, "40": 300, "wd40": 8, "micro": 90, "sd": 200, "power": 900, "bank": 20, "17in": 90,
    "256gb": 200, "1tb": 100, "1000gb": 40, "2cm": 90, "43": 90, "ssd": 300, "hard": 400, "drive": 500, "bag": 200,
    "frost": 10, "fridge": 30, "tn2110": 2, "logitech": 250, "apple": 90, "printer": 500, "shoes": 30, "office": 300,
    "pro": 600, "max": 90, "adapter": 400, "backpack": 120, "mika": 6, "singh": 6, "harddrive": 4, "numpad": 8,
    "games": 40, "ipad": 60, "tablet": 200, "screen": 300, "protector": 60, "white": 900, "air": 60, "name": 80,
    "speakers": 200, "review": 30, "unboxing": 20, "nike": 20, "90": 200, "shirt": 40, "silk": 10, "16gb": 80,
    "cardreader": 17, "reader": 60,
}  # fmt: skip
BIGRAMS = {
    ("smart", "watch"): 20, ("phone", "case"): 40, ("noise", "cancelling"): 50, ("flip", "cover"): 20,
    ("cable", "black"): 60, ("video", "card"): 30, ("live", "view"): 12, ("graphics", "card"): 90,
    ("power", "bank"): 15,
    ("hard", "drive"): 300, ("wireless", "mouse"): 60, ("laptop", "bag"): 30, ("no", "frost"): 5,
    ("phone", "stand"): 12,
    ("toner", "cartridge"): 150, ("43", "2cm"): 60, ("micro", "sd"): 70, ("bluetooth", "speaker"): 60,
    ("screen", "protector"): 50, ("iphone", "12"): 30, ("pro", "max"): 12, ("nintendo", "switch"): 30,
    ("rose", "gold"): 12, ("headphone", "stand"): 6,
}  # fmt: skip
ENTRIES = (
    Entry("samsung", "brand", "Samsung", "brand", 250),
    Entry("hp", "brand", "HP", "brand", 1100),
    Entry("dell", "brand", "DELL", "brand", 250),
    Entry("brother", "brand", "Brother", "brand", 140),
    Entry("logitech", "brand", "Logitech", "brand", 240),
    Entry("apple", "brand", "Apple", "brand", 30),
    Entry("canon", "brand", "Canon", "brand", 180),
    Entry("nintendo", "brand", "Nintendo", "brand", 30),
    Entry("switch", "brand", "Switch", "brand", 5),
    Entry("headphones", "category", "Audio > Headphones", "category", 450),
    Entry("toner cartridge", "category", "Printing > Toner cartridges", "category", 140),
    Entry("black", "colour", "Black", "attr.product colour", 2500),
    Entry("rose gold", "colour", "Rose gold", "attr.product colour", 12),
    Entry("leather", "material", "Leather", "attr.material", 60),
    Entry("noise cancelling", "attribute", "Noise cancelling", "attr.feature", 45),
    Entry("wireless", "attribute", "Wireless", "attr.connectivity", 700),
    Entry("mika singh", "person", "Mika Singh", "creator", 6),
)
THINGS = (
    "mouse", "keyboard", "headset", "headphone", "stand", "watch", "smartwatch", "laptop", "notebook", "charger",
    "cable", "case", "monitor", "cartridge", "card", "camera", "player", "speaker", "lens", "desk", "bag", "fridge",
    "printer",    "shoe", "adapter", "backpack", "tablet", "drive", "phone", "shirt",
)  # fmt: skip
CATEGORIES = {
    "headphones": (("Audio > Headphones", 0.97),),
    "case": (("Bags > Cases", 0.7), ("Phones > Cases", 0.2)),
    "wireless mouse": (("Input > Mice", 0.93),),
}


def small_lexicon() -> Lexicon:
    """19 brands and values, a hundred words, 20,000 documents."""
    words = {word for entry in ENTRIES for word in entry.text.split() if entry.type in ("brand", "person")}
    lexicon = Lexicon.of(
        WORDS, documents=20_000, entries=ENTRIES, things=THINGS, protected=words, categories=CATEGORIES
    )
    groups = {word: [count if group in _groups(word) else 0 for group in GROUPS] for word, count in WORDS.items()}
    return replace(lexicon, vocabulary=Vocabulary.of(WORDS, groups, BIGRAMS))


def _groups(word: str) -> tuple[str, ...]:
    """Where a word stands: in titles, but for these."""
    return {"video": ("title", "attribute"), "live": ("title", "attribute"), "cardreader": ("attribute",)}.get(
        word, ("title",)
    )


LEXICON = small_lexicon()
CHAIN = Understander(LEXICON, RULES, ("en",))
GERMAN = Understander(LEXICON, RULES, ("de",))
BARE = Understander(None, RULES, ("en",))


def only(*names: str) -> frozenset[str]:
    """All steps but these, to leave out."""
    return frozenset(NAMES) - set(names)


def understand(q: str, *names: str) -> Understanding:
    """A query through the chain, or through these steps alone."""
    return CHAIN.understand(q, without=only(*names) if names else frozenset())
