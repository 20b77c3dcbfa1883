"""One file of numbers under `mappings/`, read and checked: every mistake is named with its field."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from stack.errors import ConfigError

Rules = TypeVar("Rules", bound=BaseModel)


def read_rule_file(model: type[Rules], mappings_dir: Path, name: str) -> Rules:
    """The rules in `mappings/<name>`, like `suggest.yml`. Raises ConfigError with all that is wrong in it."""
    try:
        return model.model_validate(yaml.safe_load((mappings_dir / name).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"mappings/{name}: {error}", "Correct the file") from error
    except ValidationError as error:
        mistakes = [f"mappings/{name}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigError("; ".join(mistakes), "Correct the file") from error
