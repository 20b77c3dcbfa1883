"""A raw record → a document of the index, or every reason why it is none."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ingest.normalise import normalise
from ingest.normalise.fields import identifier
from ingest.normalise.instants import instant
from ingest.normalise.numbers import flag
from ingest.record import Change, Deletion, Item, Record, Refusal
from stack.documents import DOCUMENT_TYPES, AnyDocument, DocumentKind, Id, index_body, version_of
from stack.errors import Mistake
from stack.signals import millis

ID_BYTES = 512  # the engine's limit of _id; one longer id would fail its whole bulk request
UNKNOWN_KEPT = 1_000  # names of columns that are no field: records whose keys all differ must not fill the memory
# A version from the future would keep out every later update. Clocks differ by less than a day.
AHEAD_AT_MOST = timedelta(days=1)
DELETED = "deleted"  # a record with it is a tombstone: id and updated_at count, the rest does not
ID = TypeAdapter(Id)


class Validator:
    """Turns records of one kind into items. Remembers the columns it did not know, to tell them once."""

    def __init__(self, kind: DocumentKind, now: datetime) -> None:
        self.kind = kind
        self.unknown: dict[str, None] = {}
        self._latest = now + AHEAD_AT_MOST

    def check(
        self, record: Record, data: dict[str, Any], source: str, number: int, modified: datetime
    ) -> Item | Deletion | Change | Refusal:
        """`data` is the record with its columns mapped, `modified` the version of a record that has none."""
        try:
            if DELETED in data:
                data = dict(data)
                if flag(data.pop(DELETED) or False):
                    return self._tombstone(record, data, source, number, modified)
            return self._check(record, data, source, number, modified)
        except Exception as error:  # noqa: BLE001  a record that we did not foresee must not end a run of millions
            mistake = Mistake("record", f"failed with {type(error).__name__}, which is a fault of Souk: report it")
            return Refusal(source, record.line, (mistake,), record.data, detail=ascii(str(error))[1:-1])

    def _check(
        self, record: Record, data: dict[str, Any], source: str, number: int, modified: datetime
    ) -> Item | Change | Refusal:
        fields, mistakes, unknown = normalise(self.kind, data)
        if unknown:
            self.note_unknown(unknown)
        stand_in = self.stand_in(fields, mistakes, modified)
        document, more = self._document(fields, {mistake.where for mistake in mistakes})
        mistakes += more
        if document is None or mistakes:
            return Refusal(source, record.line, tuple(mistakes), record.data)
        body = index_body(document)
        return Item(document, body, version_of(document), stand_in, record, source, (number, record.ordinal))

    def note_unknown(self, names: list[str]) -> None:
        """Remember columns that are no field, up to a bound."""
        if names and (room := UNKNOWN_KEPT - len(self.unknown)) > 0:
            self.unknown.update(dict.fromkeys([name for name in names if name not in self.unknown][:room]))

    def stand_in(self, fields: dict[str, Any], mistakes: list[Mistake], modified: datetime) -> bool:
        """Without a time of its own a record gets `modified`; True when it did."""
        if "updated_at" in fields or any(mistake.where == "updated_at" for mistake in mistakes):
            return False
        fields["updated_at"] = modified
        return True

    def _tombstone(
        self, record: Record, data: dict[str, Any], source: str, number: int, modified: datetime
    ) -> Deletion | Refusal:
        mistakes: list[Mistake] = []
        try:
            id_ = ID.validate_python(identifier(data.get("id")) if data.get("id") not in (None, "") else "")
        except (ValueError, ValidationError):
            mistakes.append(Mistake("id", "is missing, or has characters that do not belong there"))
        stand_in = data.get("updated_at") in (None, "")
        try:
            at = modified if stand_in else instant(data["updated_at"])
            if at > self._latest:
                mistakes.append(Mistake("updated_at", "is in the future"))
        except ValueError as error:
            mistakes.append(Mistake("updated_at", str(error)))
        if mistakes:
            return Refusal(source, record.line, tuple(mistakes), record.data)
        return Deletion(id_, millis(at), stand_in, record, source, (number, record.ordinal))

    def _document(self, fields: dict[str, Any], named: set[str]) -> tuple[AnyDocument | None, list[Mistake]]:
        mistakes: list[Mistake] = []
        if len(str(fields.get("id", "")).encode()) > ID_BYTES:
            mistakes.append(Mistake("id", f"is longer than {ID_BYTES} bytes"))
        if "updated_at" in fields and fields["updated_at"] > self._latest:
            mistakes.append(Mistake("updated_at", "is in the future"))
        try:
            document = DOCUMENT_TYPES[self.kind].model_validate(fields)
        except ValidationError as error:
            found = (mistake_of(item) for item in error.errors(include_input=False, include_url=False))
            return None, mistakes + list(dict.fromkeys(one for one in found if one.where not in named))
        return document, mistakes


def mistake_of(item: Any) -> Mistake:
    """One error of pydantic as ours, without the value. The branches of a union are no part of the place."""
    place = [str(part) for part in item["loc"] if not (isinstance(part, str) and "[" in part)]
    if place[:1] == ["attributes"]:
        place = place[:2]
    message = item["msg"].removeprefix("Value error, ")
    what = {"missing": "is missing", "string_pattern_mismatch": "has characters that do not belong there"}
    return Mistake(".".join(place), what.get(item["type"], message[:1].lower() + message[1:]))
