"""The declared feature set, `mappings/features/*.yml`: what the final-stage ranking sees of a query and a candidate.

A feature has one source:
    engine   a clause that the engine scores: a named query, or a feature template of the learning-to-rank plugin
    field    a column of the index
    pool     computed in the API from all candidates of a query (`signals.py`)
    query    computed in the API from the query alone (`params.py`)

Absent is a number that the feature declares, 0 where it says nothing, in training and in both ways of serving: trees
of the plugin would take NaN and always go one way (docs/engine.md). All values are at least 0, as engine scores are.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stack.documents import Kind
from stack.errors import ConfigError
from stack.rules import load_rules

Source = Literal["engine", "field", "pool", "query"]
SOURCES: tuple[Source, ...] = ("engine", "field", "pool", "query")


class Feature(BaseModel):
    """One feature. `monotone`: 1 when more is never worse, -1 when more is never better."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")
    group: str
    label: str
    kinds: tuple[Kind, ...]
    engine: dict[str, Any] | None = None
    field: str | None = None
    pool: str | None = None
    query: str | None = None
    transform: Literal["log1p"] | None = None
    absent: float = Field(0.0, ge=0)
    monotone: Literal[-1, 0, 1] = 0

    @model_validator(mode="after")
    def _one_source(self) -> Feature:
        given = [source for source in SOURCES if getattr(self, source) is not None]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of {', '.join(SOURCES)}, has {', '.join(given) or 'none'}")
        return self

    @cached_property
    def source(self) -> Source:
        return next(source for source in SOURCES if getattr(self, source) is not None)


class FeatureSet(BaseModel):
    """The features of one kind, in the order of a model's columns. `all_fields`: those of the lexical route."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    features: tuple[Feature, ...]
    all_fields: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @property
    def groups(self) -> dict[str, list[str]]:
        """Group → names of its features."""
        groups: dict[str, list[str]] = {}
        for feature in self.features:
            groups.setdefault(feature.group, []).append(feature.name)
        return groups

    @property
    def monotone(self) -> dict[str, int]:
        return {feature.name: feature.monotone for feature in self.features}

    @cached_property
    def labels(self) -> dict[str, str]:
        return {feature.name: feature.label for feature in self.features}

    @cached_property
    def hash(self) -> str:
        """12 hex digits over everything that decides a value: a model of another set is refused."""
        declared = [feature.model_dump(exclude={"label", "group", "monotone"}) for feature in self.features]
        return hashlib.blake2b(
            json.dumps([FORM, self.all_fields, declared], sort_keys=True).encode(), digest_size=6
        ).hexdigest()

    def of(self, source: Source) -> list[Feature]:
        """The features of one source."""
        return [feature for feature in self.features if feature.source == source]


# How the API computes pool and query features. Raise it when a formula there changes.
FORM = 2


@cache
def load_features(mappings_dir: Path, kind: Kind) -> FeatureSet:
    """Read `mappings/features/*.yml`, in the order of file names.

    Raises ConfigError that names file and feature of every mistake, and of a name that is there twice.
    """
    features: list[Feature] = []
    mistakes: list[str] = []
    for file in sorted((mappings_dir / "features").glob("*.yml")):
        try:
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            rows = content["features"].items()
        except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
            mistakes.append(f"{file.name}: {error}")
            continue
        for name, row in rows:
            try:
                features.append(Feature(name=name, group=content.get("group", file.stem), **row))
            except (ValidationError, TypeError) as error:
                mistakes.append(f"{file.name}: {name}: {error}")
    names = [feature.name for feature in features]
    mistakes += [f"{name} is declared twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if mistakes:
        raise ConfigError(f"mappings/features: {'; '.join(mistakes)}", "Correct the file")
    boosts = load_rules(mappings_dir).lexical.fields[kind]
    return FeatureSet(
        kind=kind,
        features=tuple(feature for feature in features if kind in feature.kinds),
        all_fields=tuple(f"{name}^{boost:g}" for name, boost in boosts.items()),
    )
