"""What `--delete-missing` does around a run: notes the ids that are read, and deletes at the end, or says why not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from opensearchpy import OpenSearch

from ingest.columns import Columns
from ingest.missing import Seen, check_share, delete_missing, find_missing
from ingest.record import Batch
from stack.documents import DocumentKind
from stack.errors import InputError


@dataclass
class Clearance:
    """Of one run. `remarks` are for the user, `refusal` is set when more would go than is allowed."""

    client: OpenSearch
    alias: str
    kind: DocumentKind
    columns: Columns
    seen: Seen
    source_time: datetime
    max_delete: float
    dry_run: bool = False
    remarks: list[str] = field(default_factory=list)
    refusal: InputError | None = None

    def on_read(self, batch: Batch) -> None:
        """Note a batch as it was read."""
        self.seen.add(batch, self.kind, self.columns)

    def finish(self, ending: str) -> int:
        """After the run: delete what no record had. How many went."""
        if ending != "finished":
            self.remarks.append("nothing was deleted: the run did not read its sources to the end")
            return 0
        if unknown := self.seen.nameless:
            self.remarks.append(
                f"nothing was deleted: {unknown:,} records could not be read or have no id, and any document may be one"
            )
            return 0
        found = find_missing(self.client, self.alias, self.seen, self.source_time)
        if found.newer:
            self.remarks.append(f"{found.newer:,} {self.kind}s are not in the source but newer than it: they stay")
        try:
            check_share(found, self.kind, self.max_delete)
        except InputError as error:
            self.refusal = error
            return 0
        if self.dry_run:
            of_all = f"{found.missing:,} of {found.total:,} {self.kind}s"
            self.remarks.append(f"{of_all} are not in the source and would be deleted")
            return 0
        return delete_missing(self.client, self.alias, self.seen) if found.missing else 0
