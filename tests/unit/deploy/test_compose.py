"""docker-compose.yml, as far as it can be tried without Docker."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployed import COMPOSE, OURS, SERVICES, VARIABLE, image_environment, interpolated, parse, script_commands

from stack.node.distribution import coordinates
from stack.settings import ROOT, Settings

TOOLS = Path(sysconfig.get_path("scripts"))
WHOLE: dict[str, Any] = yaml.safe_load(COMPOSE)


def test_it_is_what_the_compose_specification_says() -> None:
    command = [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_variable_is_explained_and_only_the_password_is_asked_for() -> None:
    example = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M))
    used = {found[1]: found[2] or "" for found in VARIABLE.finditer(COMPOSE)}
    assert set(used) == example
    assert [name for name, rest in used.items() if not rest.startswith(":-")] == ["OPENSEARCH_INITIAL_ADMIN_PASSWORD"]
    assert used["OPENSEARCH_INITIAL_ADMIN_PASSWORD"].startswith(":?set it in .env")
    assert "admin:$$OPENSEARCH_INITIAL_ADMIN_PASSWORD" in COMPOSE  # expanded in the container, not into the file


def _commands() -> list[list[str]]:
    plain = [service["command"] for service in OURS.values() if "entrypoint" not in service]
    return [[interpolated(word) for word in command] for command in plain] + script_commands("setup.sh")


@pytest.mark.parametrize("arguments", _commands(), ids=" ".join)
def test_every_command_in_it_is_one_of_ours(arguments: list[str]) -> None:
    parse(arguments)


@pytest.mark.parametrize("wrong", [["serve", "--worker", "2"], ["market", "generat"], ["ingest", "products"]])
def test_a_command_that_is_not_ours_would_be_found(wrong: list[str]) -> None:
    with pytest.raises(Exception, match=r"No such|Missing"):
        parse(wrong)


def test_scripts_that_it_starts_are_in_the_image() -> None:
    started = [service["entrypoint"] for service in OURS.values() if "entrypoint" in service]
    assert sorted(Path(script).name for _, script in started) == ["prepare.sh", "setup.sh"]
    for shell, script in started:
        assert shell == "sh"
        assert (ROOT / Path(script).relative_to("/opt/souk")).is_file()


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_waits_for_can_come(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        target = SERVICES[other]
        if wait["condition"] == "service_completed_successfully":
            assert target["restart"] == "no"
        else:
            assert wait["condition"] == "service_healthy"
            assert "test" in target["healthcheck"]
        assert "profiles" not in target or "profiles" in SERVICES[name]
        assert name not in _all_before(other)


def _all_before(name: str) -> set[str]:
    before = set(SERVICES[name].get("depends_on", {}))
    return before.union(*(_all_before(each) for each in before))


def test_only_the_api_and_dashboards_are_published_and_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert {name: [interpolated(port) for port in ports] for name, ports in published.items()} == {
        "api": ["127.0.0.1:8000:8000"],
        "dashboards": ["127.0.0.1:5601:5601"],
    }
    assert image_environment()["SOUK_API_PORT"] == "8000"
    assert WHOLE["networks"]["engine"] == {"internal": True}
    assert [name for name, service in SERVICES.items() if "front" in service.get("networks", [])] == [*published]


def test_volumes_and_networks_are_declared_and_used() -> None:
    volumes = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    networks = {network for service in SERVICES.values() for network in service.get("networks", [])}
    assert volumes == set(WHOLE["volumes"])
    assert networks == set(WHOLE["networks"])


def test_our_containers_are_read_only_without_rights_and_get_known_settings_alone() -> None:
    for name, service in OURS.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"]
        assert service.get("user", "") == ("0:0" if name == "prepare" else "")
        settings = {key for key in service.get("environment", {}) if key.startswith("SOUK_")}
        assert {key.removeprefix("SOUK_").lower() for key in settings} <= set(Settings.model_fields)
    nodes = [service for name, service in SERVICES.items() if name.startswith("opensearch")]
    assert all("mem_limit" in service for service in [*nodes, SERVICES["api"], SERVICES["dashboards"]])


def test_engine_and_dashboards_are_of_the_version_of_the_local_engine() -> None:
    images = {service["image"] for service in SERVICES.values()} - {"souk"}
    version = coordinates()["opensearch"]
    assert images == {f"opensearchproject/{name}:{version}" for name in ("opensearch", "opensearch-dashboards")}


def test_the_nodes_find_each_other_and_differ_only_in_name_and_data() -> None:
    nodes = {name: service for name, service in SERVICES.items() if name.startswith("opensearch")}
    seeds = {service["environment"]["discovery.seed_hosts"] for service in nodes.values()}
    assert seeds == {",".join(nodes)}
    assert {name: service["environment"]["node.name"] for name, service in nodes.items()} == {n: n for n in nodes}
    data = [next(v for v in service["volumes"] if v.endswith("/data")) for service in nodes.values()]
    assert len(set(data)) == len(nodes) == 3
    assert [name for name, service in nodes.items() if service.get("profiles") == ["three"]] == [*nodes][1:]


def test_every_name_that_the_engine_is_called_by_is_in_its_certificate() -> None:
    names = set(SERVICES["prepare"]["command"][4:])
    called = set(re.findall(r"https://([\w-]+):9200", COMPOSE))
    assert called == {"engine", "localhost"}
    assert called <= names
    assert all(service["networks"]["engine"]["aliases"] == ["engine"] for service in _nodes())


def test_certificates_are_where_the_nodes_look_for_them() -> None:
    for service in _nodes():
        mounted = dict(volume.split(":")[:2] for volume in service["volumes"])
        config = "/usr/share/opensearch/config/"
        folders = {mounted["authority"]: {"ca.pem"}, mounted["certificates"]: {"node.pem", "node-key.pem"}}
        for name, value in service["environment"].items():
            if name.endswith("_filepath"):
                folder, _, file = f"{config}{value}".rpartition("/")
                assert file in folders[folder], name
        assert service["environment"]["path.repo"] == mounted["snapshots"]
        assert OURS["setup"]["environment"]["SOUK_SNAPSHOT_DIR"] == mounted["snapshots"]


def _nodes() -> list[dict[str, Any]]:
    return [service for name, service in SERVICES.items() if name.startswith("opensearch")]
