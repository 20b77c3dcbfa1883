"""`--map field=column` and `--set field=constant`: from a source's columns to the fields of a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stack.documents import DOCUMENT_TYPES, DocumentKind
from stack.errors import InputError, Mistake

ATTRIBUTE_PREFIX = "attributes."  # one attribute from one column: attributes.colour=Colour
RAW_ATTRIBUTE_PREFIX = "attr_"  # as Icecat writes it: attr_t_<name> text, attr_n_ number, attr_b_ flag


def known_fields(kind: DocumentKind) -> tuple[str, ...]:
    """The fields a record of this kind may have."""
    return tuple(DOCUMENT_TYPES[kind].model_fields)


def is_attribute(name: str) -> bool:
    """Is this the name of one attribute of a product, rather than of a field?"""
    return name.startswith((ATTRIBUTE_PREFIX, RAW_ATTRIBUTE_PREFIX))


@dataclass(frozen=True)
class Columns:
    """The options, parsed. Without a map, columns that are named like a field are used and the others reported."""

    mapping: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)

    def apply(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The record with the fields' names. With a map, columns that it does not name are left out."""
        if self.mapping:
            found = {name: data[column] for name, column in self.mapping.items() if column in data}
            return found | self.constants
        return {**data, **self.constants} if self.constants else dict(data)

    def check_header(self, source: str, header: tuple[str, ...]) -> None:
        """Raise InputError when a mapped column is not in the header of a table."""
        missing = [column for column in dict.fromkeys(self.mapping.values()) if column not in header]
        if missing:
            raise InputError(
                [Mistake(source, f"has no column {column!r}", header) for column in missing], "Correct --map"
            )


def parse_columns(kind: DocumentKind, maps: list[str], sets: list[str]) -> Columns:
    """Parse both options. Raises InputError that names every mistake."""
    mistakes: list[Mistake] = []
    mapping = _pairs("--map", "field=column", kind, maps, mistakes)
    constants = _pairs("--set", "field=constant", kind, sets, mistakes)
    mistakes += [Mistake(f"--set {name}", "is given by --map too") for name in mapping.keys() & constants.keys()]
    if mistakes:
        raise InputError(mistakes)
    return Columns(mapping, constants)


def _pairs(option: str, form: str, kind: DocumentKind, texts: list[str], mistakes: list[Mistake]) -> dict[str, str]:
    fields = known_fields(kind)
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            mistakes.append(Mistake(f"{option} {text}", f"write {form}"))
        elif name not in fields and not (kind == "product" and name.startswith(ATTRIBUTE_PREFIX)):
            mistakes.append(Mistake(f"{option} {name}", f"a {kind} has no such field", fields))
        elif name in pairs:
            mistakes.append(Mistake(f"{option} {name}", "is given twice"))
        else:
            pairs[name] = value
    return pairs
