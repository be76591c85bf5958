"""docker-compose.yml runs the same processes as `make run`, each with the least it needs."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from helpdesk.embedded.environment import Running
from helpdesk.embedded.places import ROOT, of
from helpdesk.launcher import programs


class Strict(yaml.SafeLoader):
    """Refuses what the container tool refuses and YAML's own loader swallows: a key that stands twice."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Read one mapping as it is written, before anything is merged into it (`<<`)."""
        node = super().compose_mapping_node(anchor)
        keys = [key.value for key, _ in node.value]
        if twice := {str(key) for key in keys if keys.count(key) > 1}:
            message = f"stands twice: {', '.join(sorted(twice))}"
            raise yaml.constructor.ConstructorError(None, None, message, node.start_mark)
        return node


def strictly(text: str) -> dict[str, Any]:
    """Return what a compose file says."""
    found: dict[str, Any] = yaml.load(text, Strict)  # noqa: S506 -- a safe loader, and stricter
    return found


COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
SERVICES: dict[str, dict[str, Any]] = strictly(COMPOSE)["services"]
PORTS = {"PORT": "8000", "WS_PORT": "8001", "CONTENT_PORT": "8002", "SMTP_PORT": "2525", "SANDBOX_PORT": "8100"}
COPY = Running(of(Path("/nowhere")), PORTS, False, False, "", "")
DESK = {program.name: program for program in (*programs.desk(COPY), *programs.exchange(COPY))}
STORES = {"postgres", "redis"}


def test_compose__key_that_stands_twice__is_seen() -> None:
    with pytest.raises(yaml.constructor.ConstructorError, match="stands twice: media"):
        strictly(COMPOSE + "  media: {}\n")


def test_compose__beside_stores_and_migration__has_exactly_the_programs_of_the_table() -> None:
    assert SERVICES.keys() - STORES - {"migrate"} == DESK.keys()


@pytest.mark.parametrize("name", DESK)
def test_compose__command_of_a_program__runs_what_make_run_runs(name: str) -> None:
    ours = [word for word in DESK[name].command if word != "-m"][1:]
    theirs = [word for word in SERVICES[name]["command"] if word not in {"python", "-m"}]

    assert theirs[:2] == ours[:2]
    assert {word.partition("=")[0] for word in theirs if word.startswith("--")} == {
        word for word in ours if word.startswith("--")
    }


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "migrate"])
def test_compose__every_lasting_service__has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


@pytest.mark.parametrize("name", SERVICES)
def test_compose__every_service__is_confined(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_compose__only_programs_that_open_envelopes__are_given_the_seal() -> None:
    given = {name for name, service in SERVICES.items() if "secrets/seal.env" in service.get("env_file", [])}

    assert given == {name for name, program in DESK.items() if program.holds_seal}


def test_compose__exchange__stands_apart_and_only_in_the_demo() -> None:
    service = SERVICES["sandbox"]

    assert service["profiles"] == ["demo"]
    assert "env_file" not in service
    assert "stores" not in service["networks"]
    assert not {name for name in service["environment"] if name.startswith(("PHAROS_", "DATABASE_", "REDIS_"))}
    assert [name for name in SERVICES if "profiles" in SERVICES[name]] == ["sandbox"]


def test_compose__owner_of_the_database__is_known_to_the_migration_only() -> None:
    assert [name for name, service in SERVICES.items() if "secrets/owner.env" in service.get("env_file", [])] == [
        "migrate"
    ]
