"""What can be reindexed: the kinds of document, and the signals beside them."""

from __future__ import annotations

from typing import Literal

from stack.documents import DOCUMENT_KINDS, DocumentKind
from stack.signals import SIGNAL

Subject = DocumentKind | Literal["signal"]
SUBJECTS: tuple[Subject, ...] = (*DOCUMENT_KINDS, SIGNAL)
