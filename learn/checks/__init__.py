"""Behavioural checks in the manner of CheckList (Ribeiro et al., ACL 2020), on cases made from the index itself.

run.py          sample → cases → queries → rates; read this first
model.py        Check, Case, Rate
invariance.py   INV: typo, plural, word order, units, compounds, …
finding.py      MFT: model numbers, GTINs, titles
constraints.py  DIR, MFT: brand, colour, price, negation, "case for X"
catalogue.py    what the cases are made of
"""

from collections.abc import Iterable

from learn.checks import constraints, finding, invariance
from learn.checks.model import Check, ChecksReport
from learn.checks.run import check_searcher, run_checks
from stack.errors import InputError, Mistake

CHECKS: tuple[Check, ...] = (*invariance.CHECKS, *finding.CHECKS, *constraints.CHECKS)

__all__ = ["CHECKS", "Check", "ChecksReport", "check_names", "check_searcher", "run_checks"]


def check_names(chosen: Iterable[str]) -> tuple[str, ...]:
    """The names that are chosen, all when none is. Raises InputError for one that is no check."""
    known = tuple(check.name for check in CHECKS)
    wrong = [Mistake("--only", f"no such check: {name}", known) for name in chosen if name not in known]
    if wrong:
        raise InputError(wrong)
    return tuple(chosen) or known
