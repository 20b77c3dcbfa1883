"""Settings: one frozen object, from `SOUK_*` variables, then `souk.toml`, then the defaults below.

Only entry points (the CLI, the API's lifespan) call `load_settings`; everything else gets values passed in.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_cache_path
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from stack.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent
CONFIG_FILE_VARIABLE = "SOUK_CONFIG"


class Settings(BaseSettings):
    """Every setting, its unit and its default. `souk settings` prints them with where each came from."""

    model_config = SettingsConfigDict(
        env_prefix="SOUK_",
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        validate_default=True,
        hide_input_in_errors=True,  # it may hold a password
    )

    # The engine
    opensearch_url: str | None = Field(
        None, description="existing cluster to use instead of a local engine; several nodes: commas between them"
    )
    opensearch_user: str | None = Field(None, description="user of that cluster")
    opensearch_password: SecretStr | None = Field(None, description="password of that user")
    opensearch_ca: Path | None = Field(None, description="CA certificate file for https")
    engine_port: int = Field(9200, ge=1, le=65535, description="HTTP port of the local engine")
    engine_heap: str = Field("1g", description="JVM heap of the local engine, like 512m or 4g")
    java_home: Path | None = Field(None, description="JDK 21+ for the local engine; found by itself otherwise")
    state_dir: Path = Field(Path(".souk"), description="data folder, logs, pids, checkpoints")
    published_dir: Path | None = Field(
        None, description="lexicons and ranking models, shared by all API processes; default: published in state_dir"
    )
    cache_dir: Path = Field(
        default_factory=lambda: user_cache_path("souk", appauthor=False),
        description="engine distribution, exported models, document vectors",
    )

    snapshot_dir: Path | None = Field(
        None, description="folder of snapshots, which every node must see; default: snapshots in state_dir"
    )
    nodes: int = Field(1, ge=1, le=9, description="nodes of the local engine")

    # Indexes
    mappings_dir: Path = Field(ROOT / "mappings", description="templates, pipelines, synonyms, ranking rules")
    index_prefix: str = Field("souk", description="aliases are <prefix>-products, -videos, -lives")
    languages: Annotated[tuple[str, ...], NoDecode] = Field(
        ("en",), description="text fields are analysed once per language; the first is the default"
    )
    shards: int = Field(1, ge=1, le=1024, description="primary shards of each index")
    replicas: int | None = Field(
        None, ge=0, le=16, description="replicas of each shard; default: one as soon as there is a second node"
    )

    # Embedding
    model: str = Field("bundled", description="sentence-transformers model: `bundled`, a folder, or a hub id")
    model_precision: Literal["int8", "fp32"] = Field("int8", description="weights of the ONNX model")
    model_max_tokens: int = Field(64, ge=16, le=8192, description="tokens of a text that are read")
    embed_threads: int = Field(
        min(4, os.cpu_count() or 1), ge=1, le=64, description="texts that are embedded at once, one core each"
    )

    # The API
    api_host: str = Field("127.0.0.1", description="address the API listens on")
    api_port: int = Field(8000, ge=1, le=65535, description="port the API listens on")
    deadline_ms: int = Field(2000, ge=50, le=60_000, description="longest time a search may take")
    mode: Literal["auto", "portable", "native"] = Field("auto", description="default query mode")
    query_cache: int = Field(10_000, ge=0, description="query vectors kept in memory")
    api_workers: int = Field(1, ge=1, le=64, description="API processes that share the port")
    drain_s: float = Field(
        3, ge=0, le=300, description="seconds that the API, asked to end, still takes requests while /readyz says 503"
    )
    log_format: Literal["text", "json"] = Field("text", description="lines for people, or one JSON object a line")
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="least severity logged")
    media_dir: Path | None = Field(
        None, description="pictures and clips served under /media; default: market/media in state_dir"
    )
    image_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="hosts whose pictures the pages show, like img.example.com; others get a drawing"
    )
    events: bool = Field(True, description="write searches and what shoppers do to ubi_queries and ubi_events")

    @field_validator("languages", "image_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("languages")
    @classmethod
    def _some_language(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("name at least one language, like en")
        return value

    @field_validator("image_hosts")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        hosts = tuple(host.lower() for host in value)
        if wrong := [host for host in hosts if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,252}[a-z0-9])?", host)]:
            raise ValueError(f"write names of hosts alone, like img.example.com, not {wrong[0]!r}")
        return hosts

    @field_validator("engine_heap")
    @classmethod
    def _heap(cls, value: str) -> str:
        if not re.fullmatch(r"[1-9]\d*[mg]", value):
            raise ValueError("write a heap size like 512m or 4g")
        return value

    @field_validator("index_prefix")
    @classmethod
    def _prefix(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9_-]{0,40}", value):
            raise ValueError("lower-case letters, digits, - and _, starting with a letter")
        return value

    @field_validator("opensearch_url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if "@" in value:  # a password in an address ends up in messages and process lists
            raise ValueError(
                "write the address without user and password: use SOUK_OPENSEARCH_USER and SOUK_OPENSEARCH_PASSWORD"
            )
        addresses = [address.strip().rstrip("/") for address in value.split(",")]
        if not all(re.fullmatch(r"https?://[^/\s]+(/\S*)?", address) for address in addresses):
            raise ValueError("write an address like https://search.example:9200, several with commas between them")
        return ",".join(dict.fromkeys(addresses))

    # Field by field, not over the whole: those checks would be left out where a single field is wrong.
    @field_validator("opensearch_password")
    @classmethod
    def _needs_user(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value and not info.data.get("opensearch_user"):
            raise ValueError("is set but opensearch_user is not")
        return value

    @field_validator("opensearch_ca")
    @classmethod
    def _is_file(cls, value: Path | None) -> Path | None:
        if value and not value.is_file():
            raise ValueError(f"no such file: {value}")
        return value

    @property
    def published(self) -> Path:
        """Where published lexicons and models stand."""
        return self.published_dir or self.state_dir / "published"

    @property
    def snapshots(self) -> Path:
        """Where snapshots stand."""
        return self.snapshot_dir or self.state_dir / "snapshots"

    @property
    def media(self) -> Path:
        """Where served pictures and clips stand."""
        return self.media_dir or self.state_dir / "market" / "media"

    def alias(self, kind: str) -> str:
        """The alias of a document type: `product` → `souk-products`."""
        return f"{self.index_prefix}-{kind}s"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        toml = TomlConfigSettingsSource(settings_cls, config_file(os.environ))
        return init_settings, env_settings, toml


def config_file(env: Mapping[str, str]) -> Path:
    """The file that SOUK_CONFIG names, else `souk.toml` in the working folder, which need not be there."""
    return Path(env.get(CONFIG_FILE_VARIABLE, "souk.toml")).expanduser()


def load_settings(**overrides: object) -> Settings:
    """Read and check all settings.

    Raises ConfigError that names every mistake at once, unknown `SOUK_*` variables and a missing SOUK_CONFIG too.
    """
    mistakes = [f"{name}: no such setting" for name in _unknown_variables()]
    file = config_file(os.environ)
    if CONFIG_FILE_VARIABLE in os.environ and not file.is_file():
        mistakes.append(f"{CONFIG_FILE_VARIABLE}: no such file: {os.environ[CONFIG_FILE_VARIABLE]}")
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        mistakes += [_mistake(item) for item in error.errors(include_input=False, include_url=False)]
    except ValueError as error:  # the file is not TOML
        mistakes.append(f"{file.name}: {error}")
    if mistakes:
        raise ConfigError("settings: " + "; ".join(mistakes), "Correct the variables SOUK_* or souk.toml")
    return settings


def _mistake(item: object) -> str:
    assert isinstance(item, dict)
    field = ".".join(map(str, item["loc"])) or "settings"
    message = str(item["msg"]).removeprefix("Value error, ")
    return f"{field} ({'SOUK_' + field.upper()}): {message}" if item["loc"] else message


def _unknown_variables() -> list[str]:
    known = {f"SOUK_{name}".upper() for name in Settings.model_fields} | {CONFIG_FILE_VARIABLE}
    return sorted(
        name
        for name in os.environ
        if name.startswith("SOUK_") and not name.startswith("SOUK_TEST_") and name not in known
    )
