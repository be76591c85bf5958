"""The OpenAPI schema: valid, without warnings, and naming both ways of being known."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from accounts.models import Staff
from tests.cast import signed_in


def schema() -> dict[str, Any]:
    generator: Any = SchemaGenerator
    found: dict[str, Any] = generator().get_schema(request=None, public=True)
    return found


def test_schema__made_anew__is_valid_and_without_warnings() -> None:
    GENERATOR_STATS.reset()
    made = schema()
    validate_schema(made)
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache


def test_schema__security__names_token_and_session() -> None:
    made = schema()
    assert made["components"]["securitySchemes"].keys() == {"token", "session"}
    listing = made["paths"]["/api/v1/tickets/"]["get"]
    assert {name for one in listing["security"] for name in one} == {"token", "session"}


def test_schema__list__is_a_page_of_tickets() -> None:
    answer = schema()["paths"]["/api/v1/tickets/"]["get"]["responses"]["200"]
    shape = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    assert schema()["components"]["schemas"][shape]["properties"].keys() == {"next", "previous", "results"}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/schema/", "/api/v1/schema/?format=json", "/api/v1/docs/"])
def test_schema__asked_for_by_staff__is_served(client: Client, agent: Staff, path: str) -> None:
    assert signed_in(client, agent).get(path).status_code == 200


def test_checks__of_a_deployment__have_nothing_to_say_about_the_schema(
    capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.EXCHANGE_SITE_URL = "https://exchange.pharos.test"
    call_command("check", deploy=True)
    said = capsys.readouterr()
    assert "spectacular" not in said.out + said.err
