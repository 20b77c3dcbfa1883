"""`mappings/ranking/encoder.yml`: the numbers of the fine-tuning, checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stack.errors import ConfigError

FILE = "encoder.yml"
Family = Literal["title", "phrase", "judged"]
FAMILIES: tuple[Family, ...] = ("title", "phrase", "judged")
Share = Annotated[float, Field(ge=0, le=1)]


class EncoderRules(BaseModel):
    """The file's fields; each has its reason there."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    shares: dict[Family, Share]
    phrase_titles: Annotated[int, Field(ge=1)]
    phrase_words: Annotated[int, Field(ge=1, le=8)]
    phrase_brand: Share
    learning_rate: Annotated[float, Field(gt=0, le=0.01)]
    scale: Annotated[float, Field(gt=0, le=1000)]
    warmup: Share
    weight_decay: Annotated[float, Field(ge=0, le=1)]
    batch: Annotated[int, Field(ge=2, le=4096)]
    steps: Annotated[int, Field(ge=1)]
    frozen_layers: Annotated[int, Field(ge=0, le=100)]
    keep: Share
    checkpoint: Annotated[int, Field(ge=1)]
    threads: Annotated[int, Field(ge=0, le=256)]


def load_encoder_rules(mappings_dir: Path) -> EncoderRules:
    """Read and check the file. Raises ConfigError that names every mistake with its field."""
    file = mappings_dir / "ranking" / FILE
    try:
        return EncoderRules.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"mappings/ranking/{FILE}: {error}", "Correct the file") from error
    except ValidationError as error:
        mistakes = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigError(f"mappings/ranking/{FILE}: {'; '.join(mistakes)}", "Correct the file") from error
