"""What a training run is asked for: `mappings/ranking/training.yml`, and what the command line changes of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from stack.errors import ConfigError, InputError, Mistake

FILE = "mappings/ranking/training.yml"
Trainer = Literal["lightgbm", "xgboost"]
# Ours → what each library calls it. Those marked rank need groups.
OBJECTIVES: dict[Trainer, dict[str, str]] = {
    "lightgbm": {"lambdarank": "lambdarank", "rank_xendcg": "rank_xendcg", "regression": "regression"},
    "xgboost": {"lambdarank": "rank:ndcg", "pairwise": "rank:pairwise", "regression": "reg:squarederror"},
}
Parameters = dict[str, int | float]


class Range(BaseModel):
    """What a search may choose for one parameter; whole numbers when both ends are."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    range: tuple[int | float, int | float]
    log: bool = False

    @model_validator(mode="after")
    def _rises(self) -> Range:
        if self.range[0] >= self.range[1] or (self.log and self.range[0] <= 0):
            raise ValueError("write [lowest, highest], above 0 where log is true")
        return self


class Start(BaseModel):
    """Rounds and blend that are kept unless others are clearly better."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rounds: Annotated[int, Field(ge=1)]
    blend: Annotated[float, Field(ge=0)]


class Options(BaseModel):
    """Everything a training run depends on beside the log. `monotone`: feature → 1 (more is never worse), -1 or 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    trainer: Trainer
    objectives: dict[Trainer, str]
    objective: str = ""
    seed: int
    folds: Annotated[int, Field(ge=2)]
    inner_folds: Annotated[int, Field(ge=2)]
    unjudged: Annotated[int, Field(ge=0)]
    bags: Annotated[int, Field(ge=1, le=50)]
    max_rounds: Annotated[int, Field(ge=1)]
    round_step: Annotated[int, Field(ge=1)]
    start: Start
    blend: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=1)]
    trials: Annotated[int, Field(ge=0)]
    parameters: dict[Trainer, Parameters]
    search: dict[Trainer, dict[str, Range]]
    monotone: dict[str, Literal[-1, 0, 1]] = {}

    @model_validator(mode="before")
    @classmethod
    def _of_the_trainer(cls, given: Any) -> Any:
        """The trainer's own objective, where none is asked for."""
        if isinstance(given, dict) and not given.get("objective") and isinstance(given.get("objectives"), dict):
            return given | {"objective": given["objectives"].get(given.get("trainer"), "")}
        return given

    @model_validator(mode="after")
    def _fits(self) -> Options:
        if self.objective not in OBJECTIVES[self.trainer]:
            known = ", ".join(OBJECTIVES[self.trainer])
            raise ValueError(f"{self.trainer} has no objective {self.objective!r}; there is {known}")
        if max(self.round_step, self.start.rounds) > self.max_rounds:
            raise ValueError("round_step and start.rounds must not be above max_rounds")
        missing = [table for table in ("parameters", "search") if self.trainer not in getattr(self, table)]
        if missing:
            raise ValueError(f"{' and '.join(missing)} say nothing for {self.trainer}")
        return self

    @property
    def defaults(self) -> Parameters:
        """The parameters of the trainer before any search."""
        return self.parameters[self.trainer]

    def constraints(self, names: Sequence[str]) -> tuple[int, ...]:
        """One of -1, 0, 1 a feature."""
        return tuple(self.monotone.get(name, 0) for name in names)


def load_options(mappings_dir: Path, **changes: Any) -> Options:
    """Read `training.yml`; `changes` that are not None replace what it says.

    Raises ConfigError that names every mistake, those of the changes too.
    """
    file = mappings_dir / "ranking" / "training.yml"
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ConfigError(f"{FILE}: is not a table", "Correct the file")
        return Options.model_validate(content | {name: value for name, value in changes.items() if value is not None})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{FILE}: {error}", "Correct the file") from error
    except ValidationError as error:
        mistakes = [f"{'.'.join(map(str, item['loc'])) or 'together'}: {item['msg']}" for item in error.errors()]
        raise ConfigError(f"{FILE}: {'; '.join(mistakes)}", "Correct the file or the option") from error


def read_monotone(text: str, names: Sequence[str]) -> dict[str, int]:
    """`title=1,price=-1` → {"title": 1, "price": -1}. Raises InputError that names every wrong part."""
    found: dict[str, int] = {}
    mistakes = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, sign = part.partition("=")
        if name not in names:
            mistakes.append(Mistake("--monotone", f"no feature {name!r}", tuple(names)))
        elif sign not in ("-1", "0", "1"):
            mistakes.append(Mistake("--monotone", f"{part!r}: write name=1, name=-1 or name=0"))
        else:
            found[name] = int(sign)
    if mistakes:
        raise InputError(mistakes, "Write --monotone feature=1,other=-1")
    return found
