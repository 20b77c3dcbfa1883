"""What is searched: the real catalogue when it is beside the project, else a generated market, or a named one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.queries import read_queries
from stack.documents import KINDS, Kind
from stack.errors import ConfigError, InputError, Mistake
from stack.settings import ROOT

SHARED = ROOT.parent / "shared" / "data"
SOUK = (sys.executable, "-c", "from souk import main; main()")


@dataclass(frozen=True)
class Source:
    """Files of one kind, and the options of `souk ingest` that they need."""

    kind: Kind
    files: tuple[Path, ...]
    maps: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """The arguments of `souk ingest`."""
        options = [*(("--map", one) for one in self.maps), *(("--set", one) for one in self.sets)]
        return [f"{self.kind}s", *map(str, self.files), *(part for option in options for part in option)]


@dataclass(frozen=True)
class Catalogue:
    """Sources by kind, products always among them, and the real queries that belong to them (none: empty)."""

    name: str
    sources: tuple[Source, ...]
    queries: tuple[str, ...] = ()

    @property
    def products(self) -> Source:
        return next(source for source in self.sources if source.kind == "product")


def find_catalogue(path: Path | None, folder: Path) -> Catalogue:
    """The catalogue of `--catalogue` (a file of products, or a folder), the real one, or one generated in `folder`.

    Raises InputError when `path` holds no products, ConfigError when no market can be generated.
    """
    if path is not None:
        return _named(path)
    if (SHARED / "chorus_icecat").is_dir():
        return _real(SHARED)
    return _generated(folder)


def _real(data: Path) -> Catalogue:
    icecat = data / "chorus_icecat"
    channels = ("id=channel", "title=channel", "host_name=channel", "followers=followers", "viewers=average_viewers")
    return Catalogue(
        "Icecat (Chorus), YouTube trending, Twitch channels",
        (
            Source("product", (icecat / "products.jsonl.gz",)),
            Source("video", tuple(sorted((data / "youtube_trending").glob("??_*.csv.gz")))),
            Source("live", (data / "twitch_channels" / "top1000_channels.csv.gz",), channels, ("status=replay",)),
        ),
        tuple(read_queries(icecat / "queries_dev.csv.gz")),
    )


def _named(path: Path) -> Catalogue:
    if path.is_file():
        return Catalogue(path.name, (Source("product", (path,)),))
    sources = [Source(kind, files) for kind in KINDS if (files := tuple(sorted(path.glob(f"{kind}s.*"))))]
    if not any(source.kind == "product" for source in sources):
        mistake = Mistake("--catalogue", f"{path} is neither a file of products nor a folder with products.*")
        raise InputError([mistake], "Name one that souk ingest can read")
    return Catalogue(path.name, tuple(sources))


def _generated(folder: Path) -> Catalogue:
    target = folder / "market"
    command = [*SOUK, "market", "generate", "--out", str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ConfigError(f"no market could be generated: {last}", "Name a catalogue with --catalogue")
    return Catalogue("generated market", _named(target).sources)
