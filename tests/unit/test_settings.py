"""Settings: where they come from, what is refused, and what is never shown."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from souk import app
from stack.errors import ConfigError
from stack.origins import COVER, origins
from stack.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No SOUK_* variable and no souk.toml; returns the folder where a souk.toml would be read."""
    for name in [name for name in os.environ if name.startswith("SOUK_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_order_override_variable_file_default(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().engine_port == 9200
    (clean / "souk.toml").write_text('engine_port = 9201\nlanguages = ["en", "de"]\n')
    assert load_settings().engine_port == 9201
    monkeypatch.setenv("SOUK_ENGINE_PORT", "9202")
    assert load_settings().engine_port == 9202
    assert load_settings(engine_port=9203).engine_port == 9203
    assert load_settings().languages == ("en", "de")
    monkeypatch.setenv("SOUK_LANGUAGES", "de, cjk")
    assert load_settings().languages == ("de", "cjk")


def test_another_file_by_souk_config(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (clean / "other.toml").write_text("api_port = 8100\n")
    monkeypatch.setenv("SOUK_CONFIG", str(clean / "other.toml"))
    assert load_settings().api_port == 8100


@pytest.mark.parametrize("named", ["absent.toml", ".", ""])
def test_a_file_that_is_named_but_not_there_is_a_mistake(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("SOUK_CONFIG", named)
    with pytest.raises(ConfigError, match=f"SOUK_CONFIG: no such file: {named}"):
        load_settings()


def test_every_mistake_is_named_at_once(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (clean / "souk.toml").write_text("no_such = 1\n")
    for name, value in {
        "SOUK_ENGINE_PORT": "99999",
        "SOUK_ENGINE_HEAP": "lots",
        "SOUK_INDEX_PREFIX": "Souk!",
        "SOUK_OPENSEARCH_URL": "search.example:9200",
        "SOUK_LANGUAGES": " , ",
        "SOUK_ENGIN_PORT": "9200",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as raised:
        load_settings()
    for part in (
        "engine_port (SOUK_ENGINE_PORT)",
        "512m or 4g",
        "index_prefix",
        "https://search.example:9200",
        "at least one language",
        "no_such",
        "SOUK_ENGIN_PORT: no such setting",
    ):
        assert part in raised.value.message


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"opensearch_password": "hidden"}, "opensearch_user is not"),
        ({"opensearch_url": "https://souk:hidden@search.example"}, "SOUK_OPENSEARCH_USER and SOUK_OPENSEARCH_PASSWORD"),
        ({"opensearch_url": "https://souk:p@hidden/x@search.example"}, "SOUK_OPENSEARCH_PASSWORD"),
        ({"opensearch_ca": "/no/such/ca.pem"}, "no such file"),
    ],
)
def test_settings_that_do_not_fit_together(given: dict[str, str], fault: str) -> None:
    with pytest.raises(ConfigError, match=fault) as raised:
        load_settings(**given)
    assert "hidden" not in str(raised.value)


def test_a_broken_file_is_one_line(clean: Path) -> None:
    (clean / "souk.toml").write_text("engine_port = = 1")
    with pytest.raises(ConfigError, match=r"souk\.toml"):
        load_settings()


def test_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().engine_port = 1  # type: ignore[misc]


def test_origins_name_the_source_and_cover_secrets(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (clean / "souk.toml").write_text("engine_port = 9201\napi_port = 8001\n")
    monkeypatch.setenv("SOUK_ENGINE_PORT", "9202")
    monkeypatch.setenv("SOUK_OPENSEARCH_USER", "me")
    monkeypatch.setenv("SOUK_OPENSEARCH_PASSWORD", "hidden")
    monkeypatch.setenv("SOUK_OPENSEARCH_URL", "https://search.example")
    found = {row.name: row for row in origins(load_settings(), os.environ)}
    assert set(found) == set(Settings.model_fields)
    assert (found["engine_port"].value, found["engine_port"].source) == ("9202", "SOUK_ENGINE_PORT")
    assert (found["api_port"].value, found["api_port"].source) == ("8001", "souk.toml")
    assert (found["model"].value, found["model"].source) == ("bundled", "default")
    assert found["opensearch_password"].value == COVER
    assert found["opensearch_url"].value == "https://search.example"
    assert all(row.description for row in found.values())


@pytest.mark.parametrize("arguments", [["settings"], ["settings", "--json"]])
def test_the_command_never_prints_a_secret(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOUK_OPENSEARCH_USER", "me")
    monkeypatch.setenv("SOUK_OPENSEARCH_PASSWORD", "hidden")
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert COVER in result.stdout
    assert "hidden" not in result.output
    if "--json" in arguments:
        assert json.loads(result.stdout)["engine_port"] == {"value": "9200", "source": "default"}
