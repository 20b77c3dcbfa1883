"""The numbers that people tune, from `mappings/ranking/*.yml`, checked and frozen. Each file says why."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from stack.documents import KINDS, Kind
from stack.errors import ConfigError

Weight = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _all_of(*names: str) -> AfterValidator:
    """A check that a table has a row for each name."""

    def check(table: dict[str, Any]) -> dict[str, Any]:
        missing = [name for name in names if name not in table]
        if missing:
            raise ValueError(f"nothing is said for {', '.join(missing)}")
        return table

    return AfterValidator(check)


class LexicalRules(_Rules):
    """`lexical.yml`: the fields of a kind with their boosts, and what comes first."""

    fields: Annotated[dict[Kind, dict[str, Weight]], _all_of(*KINDS)]
    tie_breaker: Share
    minimum_should_match: str
    counted_minimum: str
    all_terms: dict[str, Weight]
    phrase_boost: Weight
    phrase_slop: int
    model_boost: Weight


class VectorRules(_Rules):
    """`vector.yml`: the k-NN route."""

    ef_search: Annotated[int, Field(ge=1, le=10_000)]
    min_cosine: Annotated[float, Field(ge=-1, le=1)]


class FusionRules(_Rules):
    """`fusion.yml`: how the routes of a kind become one list."""

    method: Literal["score", "rrf"]
    window: Annotated[dict[Kind, Annotated[int, Field(ge=10, le=1_000)]], _all_of(*KINDS)]
    weights: Annotated[dict[str, Share], _all_of("lexical", "vector")]
    rank_constant: Annotated[int, Field(ge=1)]


class RouteRules(_Rules):
    """One recall route: the kinds that take it, and what must have been understood (None: it always runs)."""

    kinds: tuple[Kind, ...]
    when: Literal["variants", "category"] | None = None


class FirstStageRules(_Rules):
    """How much it counts to stand high in a single route, and the constant of reciprocal ranks."""

    agreement: Weight
    rank_constant: Annotated[int, Field(ge=1)]


class FunnelRules(_Rules):
    """`funnel.yml`: the routes of recall and how many candidates each stage keeps."""

    routes: Annotated[dict[str, RouteRules], _all_of("lexical", "vector")]
    category_recall_from: Share
    category_filter_from: Share
    first_stage: FirstStageRules
    final_window: Annotated[dict[Kind, Annotated[int, Field(ge=10, le=1_000)]], _all_of(*KINDS)]
    final_words: Annotated[int, Field(ge=1)]
    relax_below: Annotated[int, Field(ge=0)]


class BlendRules(_Rules):
    """`blend.yml`: the mixed row."""

    shares: Annotated[dict[Kind, Share], _all_of(*KINDS)]
    gate: Share
    least: Share
    words_fit: Share
    ended_live_factor: Share
    live_heartbeat_s: Annotated[int, Field(ge=10)]


class RankingRules(_Rules):
    """All of `mappings/ranking/`."""

    lexical: LexicalRules
    vector: VectorRules
    fusion: FusionRules
    blend: BlendRules
    funnel: FunnelRules


@cache
def load_rules(mappings_dir: Path) -> RankingRules:
    """Read and check `mappings/ranking/*.yml`.

    Raises ConfigError that names every mistake with its file and field.
    """
    folder = mappings_dir / "ranking"
    try:
        content = {
            name: yaml.safe_load((folder / f"{name}.yml").read_text(encoding="utf-8"))
            for name in RankingRules.model_fields
        }
        return RankingRules.model_validate(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"mappings/ranking: {error}", "Correct the file") from error
    except ValidationError as error:
        mistakes = [
            f"mappings/ranking/{item['loc'][0]}.yml: {'.'.join(map(str, item['loc'][1:]))}: {item['msg']}"
            for item in error.errors()
        ]
        raise ConfigError("; ".join(mistakes), "Correct the file") from error
