"""Items, batches and a stand-in for the engine's bulk and mget, for the rules around them."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import orjson

from ingest.record import Batch, Counts, Item, Position, Record
from stack.documents import Product, index_body


def item(id_: str = "a", version: int = 1000, title: str = "A", stand_in: bool = False, place: int = 1) -> Item:
    """An item of a product, `version` in milliseconds."""
    product = Product(id=id_, title=title, updated_at=datetime.fromtimestamp(version / 1000, UTC))
    record = Record(place, place, {"id": id_, "title": title})
    return Item(product, index_body(product), version, stand_in, record, "shop.jsonl", (0, place))


def batch(number: int, *items: Item) -> Batch:
    """A batch of these items."""
    return Batch(number, list(items), counts=Counts(read=len(items)), end=Position(0, number + 1))


class Engine:
    """Keeps documents by id with their versions, as `external_gte` does. `answers` are taken first, each once."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.documents: dict[str, tuple[int, dict[str, Any]]] = {}
        self.bulks: list[int] = []
        self._lock = threading.Lock()

    def mget(self, body: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            return {"docs": [self._document(one["_id"]) for one in body["docs"]]}

    def _document(self, id_: str) -> dict[str, Any]:
        if id_ not in self.documents:
            return {"_id": id_, "found": False}
        version, source = self.documents[id_]
        return {"_id": id_, "found": True, "_version": version, "_source": source}

    def bulk(self, body: bytes, index: str, params: Any) -> dict[str, Any]:
        lines = [orjson.loads(line) for line in body.splitlines()]
        with self._lock:
            self.bulks.append(len(body))
            if self.answers:
                answer = self.answers.pop(0)
                if isinstance(answer, Exception):
                    raise answer
                if answer is not None:
                    return {"errors": True, "items": [{"index": one} for one in answer]}
            outcomes = [
                self._index(action["index"], source) for action, source in zip(lines[::2], lines[1::2], strict=True)
            ]
        return {"errors": any(one["status"] > 299 for one in outcomes), "items": [{"index": one} for one in outcomes]}

    def _index(self, action: dict[str, Any], source: dict[str, Any]) -> dict[str, Any]:
        known = self.documents.get(action["_id"])
        if known and known[0] > action["version"]:
            return {"status": 409, "error": {"type": "version_conflict_engine_exception"}}
        self.documents[action["_id"]] = (action["version"], source)
        return {"status": 200}
