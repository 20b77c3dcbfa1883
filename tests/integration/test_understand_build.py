"""`souk understand` as its user runs it, on small indexes of a real engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from opensearchpy.helpers import bulk
from running import environment
from typer.testing import CliRunner, Result

from api.understand.lexicon import Lexicon
from api.understand.rules import load_lexicon_rules
from learn.lexicon import scan
from learn.lexicon.build import SHELF, build
from learn.lexicon.cli import synonyms_app, understand_app
from stack.client import connect
from stack.documents import Document, Live, Product, Video, index_body
from stack.errors import EngineError, SoukError
from stack.published import Shelf
from stack.settings import Settings

pytestmark = pytest.mark.engine
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def catalogue() -> list[Document]:
    found: list[Document] = []
    for place in range(30):
        at = {"updated_at": NOW, "brand": "Acme Technology"}
        colour, shown = (("Grey", "gray"), ("Black", "black"))[place % 2]
        found.append(
            Product(
                id=f"h{place}", title=f"Acme HX{place}00 wireless headphones {shown}", model=f"HX{place}00",
                category=("Audio", "Headphones"), attributes={"product colour": colour}, seller_name="Shop One", **at,
            )
        )  # fmt: skip
        found.append(Product(id=f"t{place}", title=f"Acme TN{place}10 toner power distribution unit (PDU)", **at))
    found.append(Video(id="v", title="Unboxing the HX100", creator_name="Marques Brownlee", updated_at=NOW))
    found.append(Live(id="l", title="On air", host_name="Swifty", updated_at=NOW))
    return found


def write(settings: Settings, documents: list[Document]) -> None:
    with connect(settings) as client:
        actions = [
            {"_index": settings.alias(document.kind), "_id": document.id, "_source": index_body(document)}
            for document in documents
        ]
        bulk(client, actions, refresh=True)


@pytest.fixture(scope="module")
def shop(make_indexes: Callable[..., Settings]) -> Settings:
    settings = make_indexes("understand")
    write(settings, catalogue())
    return settings


@pytest.fixture
def own(shop: Settings, tmp_path: Path) -> Settings:
    """The same indexes, a shelf of its own."""
    return shop.model_copy(update={"state_dir": tmp_path / "state"})


class Silent:
    """A watcher that notes what it is told."""

    def __init__(self) -> None:
        self.last: dict[str, int] = {}

    def found(self, kind: str, total: int) -> None:
        self.last[f"{kind} of"] = total

    def read(self, kind: str, done: int) -> None:
        self.last[kind] = done

    def doing(self, what: str) -> None:
        pass


def built(settings: Settings, **options: Any) -> Any:
    with connect(settings) as client:
        rules = load_lexicon_rules(settings.mappings_dir)
        return build(client, settings, rules, (), options.pop("watcher", Silent()), NOW, **options)


def run(settings: Settings, app: Any, *arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env=environment(settings))


def test_a_lexicon_of_the_three_kinds(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "PAGE", 7)  # pages must join without a gap
    watcher = Silent()
    done = built(own, watcher=watcher)
    assert watcher.last == {"product of": 60, "product": 60, "video of": 1, "video": 1, "live of": 1, "live": 1}
    lexicon = Lexicon.load(Shelf(own.published, SHELF).get(done.version))
    assert (lexicon.documents, lexicon.count("headphones"), lexicon.count("unboxing")) == (62, 30, 0)
    recognised = {(entry.type, entry.value) for entry in lexicon.entries}
    assert {
        ("brand", "Acme Technology"), ("category", "Audio > Headphones"), ("colour", "Grey"),
        ("person", "Marques Brownlee"), ("person", "Swifty"), ("person", "Shop One"),
    } <= recognised  # fmt: skip
    assert lexicon.categories("headphones")[0][0] == "Audio > Headphones"
    assert done.about["indexes"][own.alias("product")] == {"index": f"{own.alias('product')}-000001", "documents": 60}


def test_the_same_catalogue_gives_no_new_version(own: Settings) -> None:
    first = run(own, understand_app, "build")
    assert first.exit_code == 0, first.output
    second = run(own, understand_app, "build")
    assert "Unchanged" in second.output
    assert len(Shelf(own.published, SHELF).versions()) == 1


def test_list_show_and_rollback(make_indexes: Callable[..., Settings], tmp_path: Path) -> None:
    settings = make_indexes("understand-more").model_copy(update={"state_dir": tmp_path / "state"})
    write(settings, catalogue())
    first = built(settings).version
    write(settings, [Product(id="new", title="Brandnewword", updated_at=NOW)])
    second = built(settings)
    assert second.changed
    shelf = Shelf(settings.published, SHELF)
    assert shelf.current() == second.version != first
    listed = run(settings, understand_app, "list").output
    assert first in listed
    assert f"→  {second.version}" in listed
    assert "brandnewword" in run(settings, understand_app, "show", "--query", "brandnewword acme").output
    assert first in run(settings, understand_app, "rollback").output
    assert shelf.current() == first
    again = run(settings, understand_app, "rollback")
    assert again.exit_code != 0
    assert "no lexicon before" in str(again.exception)


def test_dry_run_publishes_nothing(own: Settings) -> None:
    done = run(own, understand_app, "build", "--dry-run")
    assert done.exit_code == 0, done.output
    assert "62 documents" in done.output
    assert not own.published.exists()


def test_empty_indexes_are_said_and_not_published(make_indexes: Callable[..., Settings], tmp_path: Path) -> None:
    settings = make_indexes("understand-empty").model_copy(update={"state_dir": tmp_path / "state"})
    done = run(settings, understand_app, "build")
    assert isinstance(done.exception, SoukError)
    assert "hold no document" in str(done.exception)
    assert not settings.published.exists()


def test_an_engine_that_fails_half_way_leaves_nothing(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "PAGE", 7)
    built(own)
    before = sorted(own.published.rglob("*"))

    class Failing(Silent):
        def read(self, kind: str, done: int) -> None:
            if done == 20:
                raise EngineError("gone")

    with pytest.raises(EngineError):
        built(own, watcher=Failing())
    assert sorted(own.published.rglob("*")) == before


def test_behaviour_makes_another_lexicon(own: Settings, tmp_path: Path) -> None:
    file = tmp_path / "clicks.jsonl"
    file.write_text(json.dumps({"query": "cans", "category": "Audio > Headphones", "weight": 90}))
    assert run(own, understand_app, "build").exit_code == 0
    done = run(own, understand_app, "build", "--behaviour", str(file))
    assert "Published" in done.output
    shelf = Shelf(own.published, SHELF)
    lexicon = Lexicon.load(shelf.get(str(shelf.current())))
    assert lexicon.categories("cans")[0][0] == "Audio > Headphones"


def test_synonyms_are_suggested_not_applied(own: Settings, tmp_path: Path) -> None:
    out = tmp_path / "candidates.txt"
    before = (own.mappings_dir / "synonyms" / "en.txt").read_bytes()
    done = run(own, synonyms_app, "suggest", "--out", str(out))
    assert done.exit_code == 0, done.output
    lines = out.read_text().splitlines()
    assert "pdu, power distribution unit" in lines
    assert "grey, gray" in lines
    assert (own.mappings_dir / "synonyms" / "en.txt").read_bytes() == before
