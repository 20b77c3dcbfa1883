"""Read `mappings/` and fill in what depends on the settings: prefix, shards, dimension, languages, synonyms.

`render(settings, card)` is pure but for reading the files. The rules are few: `${name}` is a value, a key `$language`
is repeated for each language, `$synonyms` is the language's synonym file. The engine checks each component on its own,
so the analysis (`analysis.json`, then each language's) is merged into `common`, whose fields name its analyzers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stack.documents import DOCUMENT_KINDS
from stack.embedding.card import ModelCard
from stack.errors import ConfigError
from stack.rules import load_rules
from stack.settings import Settings

Endpoint = Literal["_component_template", "_index_template", "_ingest/pipeline", "_search/pipeline"]


@dataclass(frozen=True)
class Resource:
    """One thing to PUT: where it goes, what it is, the file it comes from, the capability it needs."""

    endpoint: Endpoint
    name: str
    body: dict[str, Any]
    file: str
    requires: str | None = None

    @property
    def path(self) -> str:
        """The path of its REST endpoint, `/_index_template/souk-products`."""
        return f"/{self.endpoint}/{self.name}"


def render(settings: Settings, card: ModelCard) -> list[Resource]:
    """All resources of `mappings/`, in the order in which they must be put.

    Raises ConfigError that names the file when one is not JSON or a language has no file.
    """
    folder, prefix = settings.mappings_dir, settings.index_prefix
    values = _values(settings, card)
    components = [
        _resource(folder, f"components/{part}.json", "_component_template", f"{prefix}-{part}", values)
        for part in ("settings", "common", "vectors")
    ]
    merge(components[1].body, {"template": {"settings": {"index": {"analysis": _analysis(settings)}}}})
    templates = [
        _resource(folder, f"indexes/{name}.json", "_index_template", f"{prefix}-{name}", values)
        for name in index_names(folder)
    ]
    for template in templates:
        if "vectors" in template.body["composed_of"]:
            template.body["template"]["mappings"]["_meta"] = {"embedding": card.as_meta()}
        template.body["composed_of"] = [f"{prefix}-{part}" for part in template.body["composed_of"]]
    return [
        *_pipelines(folder, "ingest", prefix, values),
        *_pipelines(folder, "search", prefix, values),
        *components,
        *templates,
    ]


def index_names(folder: Path) -> list[str]:
    """What `mappings/indexes/` declares, each an index behind the alias `<prefix>-<name>`: `lives`, `products` …

    Those of the documents are among them, there or not: who reads a file that is missing names it.
    """
    return sorted(
        {*(file.stem for file in (folder / "indexes").glob("*.json")), *(f"{kind}s" for kind in DOCUMENT_KINDS)}
    )


def _values(settings: Settings, card: ModelCard) -> dict[str, Any]:
    fusion = load_rules(settings.mappings_dir).fusion
    return {
        "prefix": settings.index_prefix,
        "shards": settings.shards,
        "replicas": settings.replicas or 0,
        "auto_expand_replicas": "0-1" if settings.replicas is None else "false",
        "dimension": card.dimension,
        "languages": settings.languages,
        "fusion_weights": [fusion.weights["lexical"], fusion.weights["vector"]],
        "rank_constant": fusion.rank_constant,
    }


def _pipelines(folder: Path, which: Literal["ingest", "search"], prefix: str, values: dict[str, Any]) -> list[Resource]:
    endpoint: Endpoint = "_ingest/pipeline" if which == "ingest" else "_search/pipeline"
    files = sorted((folder / "pipelines" / which).glob("*.json"))
    return [
        _resource(folder, str(file.relative_to(folder)), endpoint, f"{prefix}-{file.stem}", values) for file in files
    ]


def _resource(folder: Path, file: str, endpoint: Endpoint, name: str, values: dict[str, Any]) -> Resource:
    try:
        body = _fill(read_json(folder / file), values)
    except KeyError as error:
        raise ConfigError(
            f"mappings/{file}: there is no value ${{{error.args[0]}}}", f"There is: {', '.join(values)}"
        ) from error
    body.pop("_why", None)
    return Resource(endpoint, name, body, f"mappings/{file}", body.pop("_requires", None))


def _analysis(settings: Settings) -> dict[str, Any]:
    analysis = _read_analysis(settings.mappings_dir / "components" / "analysis.json")
    for language in settings.languages:
        merge(analysis, _language(settings.mappings_dir, language))
    return analysis


def _language(folder: Path, language: str) -> dict[str, Any]:
    file = folder / "languages" / f"{language}.json"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in file.parent.glob("*.json")))
        raise ConfigError(f"language {language!r} has no file {file.name}", f"There is: {known}; or add the file")
    analysis = _read_analysis(file)
    synonyms = read_synonyms(folder / "synonyms" / f"{language}.txt")
    for token_filter in analysis.get("filter", {}).values():
        if token_filter.get("synonyms") == "$synonyms":
            token_filter["synonyms"] = synonyms
    return analysis


def _read_analysis(file: Path) -> dict[str, Any]:
    analysis = read_json(file).get("analysis")
    if not isinstance(analysis, dict):
        raise ConfigError(f'{file}: has no object "analysis"', "Write it as mappings/languages/en.json does")
    return analysis


def read_synonyms(file: Path) -> list[str]:
    """The rules of a synonym file, without comments and empty lines. No file: no synonyms.

    Raises ConfigError when it is not UTF-8.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: {error}", "Save the file as UTF-8") from error
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    """Add `more` to `into`, object by object; what both have comes from `more`."""
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def read_json(file: Path) -> dict[str, Any]:
    """A JSON file. Raises ConfigError with the file and line when it cannot be read."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file}: {error}", "Correct the file, or point SOUK_MAPPINGS_DIR elsewhere") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{file}: not a JSON object", "Correct the file")
    return content


def _fill(node: Any, values: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        return _fill_object(node, values)
    if isinstance(node, list):
        return [_fill(item, values) for item in node]
    if isinstance(node, str):
        whole = re.fullmatch(r"\$\{(\w+)\}", node)
        return values[whole[1]] if whole else re.sub(r"\$\{(\w+)\}", lambda found: str(values[found[1]]), node)
    return node


def _fill_object(node: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for key, value in node.items():
        if key == "$language":
            for language in values["languages"]:
                filled[language] = json.loads(json.dumps(value).replace("$language", language))
        else:
            filled[key] = _fill(value, values)
    return filled
