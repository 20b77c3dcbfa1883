"""What `souk demo` learns from the truth of its market, in which order, and what of it is still to be done.

lexicon → judgments → a ranking model of each type, each by the command that a real catalogue takes. What was done is
noted in the state folder with a digest of everything that it depends on: the market, the declared rules, the version of
Souk. A step is skipped while the digest is the same and what it made is still there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from api.serving import LEXICON, rank_shelf
from learn.market.judging.words import FILE as WORDS
from stack.documents import KINDS, Kind
from stack.published import ABOUT, Shelf
from stack.settings import Settings

# Of a market only the times of lives follow the clock; that lives are the same is told by their truth.
MARKET_FILES = ("products.jsonl", "videos.jsonl", "truth/*.jsonl")
NOTE = "learnt.json"


@dataclass(frozen=True)
class Step:
    """One command. `shelf` is where it publishes; without one `makes` is the folder that it writes."""

    name: str
    command: tuple[str, ...]
    makes: Path
    shelf: Shelf | None = None

    def published(self) -> str | None:
        """The version that is current on its shelf."""
        return None if self.shelf is None else self.shelf.current()

    def figures(self) -> str:
        """`nDCG@10 0.857 → 0.883` of the model in its folder; "" for what is no model."""
        try:
            metrics = json.loads((self.makes / "model" / ABOUT).read_text(encoding="utf-8"))["metrics"]
            return f"cross-validated nDCG@10 {metrics['first stage nDCG@10']:.3f} → {metrics['nDCG@10']:.3f}"
        except (OSError, ValueError, KeyError):
            return ""


@dataclass(frozen=True)
class Learning:
    """The steps over the market of a folder, and the note of what was done."""

    settings: Settings
    market: Path
    seed: int

    @property
    def steps(self) -> list[Step]:
        """All of them, in order: models are learnt from queries that are understood as they will be."""
        judgments, root = self.settings.state_dir / "judgments", self.settings.published
        asked = ("market", "judgments", "--market", str(self.market), "--out", str(judgments), "--seed", str(self.seed))
        return [
            Step(LEXICON, ("understand", "build"), root / LEXICON, Shelf(root, LEXICON)),
            Step("judgments", asked, judgments),
            *(self._model(kind, judgments / f"{kind}.csv") for kind in KINDS),
        ]

    def _model(self, kind: Kind, judgments: Path) -> Step:
        """No search of parameters: those that are declared do as well here, in a fraction of the time."""
        out = self.settings.state_dir / "learn" / kind
        command = ("learn", "--judgments", str(judgments), "--type", kind, "--trials", "0", "--out", str(out))
        return Step(kind, command, out, Shelf(self.settings.published, rank_shelf(kind)))

    def todo(self) -> list[Step]:
        """The steps that are not done, or whose result is gone."""
        done = self._noted()
        return [step for step in self.steps if step.name not in done or not _is_there(step, done[step.name])]

    def note(self, step: Step, published: str | None) -> None:
        """A step is done; `published` is the version that it made current, None when its model was no better."""
        done = self._noted() | {step.name: published}
        self._file.write_text(json.dumps({"inputs": self.inputs, "done": done}, indent=2) + "\n", encoding="utf-8")

    @cached_property
    def inputs(self) -> str:
        """16 hex digits over all that the steps depend on."""
        digest = hashlib.blake2b(digest_size=8)
        digest.update(f"{version('souk')} {self.settings.index_prefix} {self.seed}".encode())
        for file in (WORDS, *self._files()):
            digest.update(file.name.encode() + file.read_bytes())
        return digest.hexdigest()

    @property
    def _file(self) -> Path:
        return self.settings.state_dir / NOTE

    def _files(self) -> Iterator[Path]:
        for pattern in MARKET_FILES:
            yield from sorted(self.market.glob(pattern))
        yield from sorted(path for path in self.settings.mappings_dir.rglob("*") if path.is_file())

    def _noted(self) -> dict[str, str | None]:
        """Step → what it published, of the same inputs; nothing when they have changed or the note cannot be read."""
        try:
            note: Any = json.loads(self._file.read_text(encoding="utf-8"))
            return dict(note["done"]) if note["inputs"] == self.inputs else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}


def _is_there(step: Step, published: str | None) -> bool:
    if step.shelf is None or published is None:
        return step.makes.is_dir()
    return published in step.shelf.names()
