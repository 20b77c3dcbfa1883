"""A partial record → a change: an id, and the fields that it sets or takes away, each clean and checked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ingest.normalise import normalise
from ingest.record import Change, Record, Refusal
from ingest.validate import Validator
from stack.documents import DOCUMENT_TYPES, DocumentKind, version_of
from stack.errors import Mistake

# Every document has these: they cannot be taken away, and the first and the last are no change.
NEEDED = frozenset({"id", "title", "updated_at"})
NAMELESS = {"title": "-"}  # stands in while the fields of a record without a title are checked


class PartialValidator(Validator):
    """Turns partial records into changes. A JSON `null` takes a field away (RFC 7396); an empty cell says nothing.

    `nulls` is False for tables, where null is how a missing value is written.
    """

    def __init__(self, kind: DocumentKind, now: datetime) -> None:
        super().__init__(kind, now)
        self.nulls = False

    def _check(
        self, record: Record, data: dict[str, Any], source: str, number: int, modified: datetime
    ) -> Change | Refusal:
        fields, mistakes, unknown = normalise(self.kind, data)
        self.note_unknown(unknown)
        taken = {name for name, value in data.items() if value is None} if self.nulls else set()
        taken = {name for name in taken & DOCUMENT_TYPES[self.kind].model_fields.keys() if name not in fields}
        mistakes += [Mistake(name, "cannot be taken away") for name in sorted(taken & NEEDED)]
        stand_in = self.stand_in(fields, mistakes, modified)
        document, more = self._document(NAMELESS | fields, {mistake.where for mistake in mistakes})
        mistakes += more
        changed = fields.keys() - {"id", "updated_at"}
        if not changed and not taken and not mistakes:
            mistakes.append(Mistake("record", "changes nothing: it has no field but the id"))
        if document is None or mistakes:
            return Refusal(source, record.line, tuple(mistakes), record.data)
        values = document.model_dump(mode="json", include=set(changed)) | dict.fromkeys(taken)
        at, position = document.updated_at, (number, record.ordinal)
        return Change(document.id, values, at, version_of(document), stand_in, record, source, position)
