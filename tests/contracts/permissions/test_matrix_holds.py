"""Every row of the matrix is tried as every person; planted faults show that a wrong answer would be seen."""

import pytest

from accounts import permissions
from accounts.permissions import Permission, Role
from tests.contracts.permissions import matrix, routes, trial, world
from tests.contracts.permissions.world import World

pytestmark = pytest.mark.django_db
PEOPLE = sorted(routes.EVERYONE | routes.TOKENS)


@pytest.fixture
def where(db: None) -> World:
    return world.build()


def chosen(*names: str) -> list[routes.Route]:
    return [route for route in matrix.ROUTES if not names or route.name in names]


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.attack("D1")
def test_pages__every_route_as_this_person__answers_as_the_matrix_says(where: World, who: str) -> None:
    assert list(trial.mismatches(where, who, chosen())) == []


def test_content__forged_link__finds_nothing(where: World) -> None:
    for who in PEOPLE:
        assert list(trial.mismatches(where, who, matrix.CONTENT_ROUTES)) == []


@pytest.mark.parametrize("who", sorted(routes.STAFF))
@pytest.mark.attack("D1")
def test_content__good_link__opens_what_its_person_sees(where: World, who: str) -> None:
    assert list(trial.content_mismatches(where, who)) == []


@pytest.mark.usefixtures("nothing_hidden")
def test_content__tickets_no_longer_hidden__is_found(where: World) -> None:
    found = list(trial.content_mismatches(where, "agent"))

    assert "agent: message of a restricted ticket: gets in, the matrix says finds nothing (404)" in found


@pytest.mark.attack("D1")
def test_pages__role_given_too_much__is_found(where: World, monkeypatch: pytest.MonkeyPatch) -> None:
    more = permissions.ROLE_PERMISSIONS[Role.LIGHT_AGENT] | {Permission.TICKET_REPLY}
    monkeypatch.setitem(permissions.ROLE_PERMISSIONS, Role.LIGHT_AGENT, more)

    found = list(trial.mismatches(where, "light_agent", chosen("desk:reply")))

    assert any("POST desk:reply" in line and "gets in" in line for line in found)


@pytest.mark.attack("D1")
@pytest.mark.usefixtures("nothing_hidden")
def test_pages__tickets_no_longer_hidden__is_found(where: World) -> None:
    found = list(trial.mismatches(where, "vendor", chosen("desk:ticket", "desk:attachment")))

    assert any("GET desk:ticket (restricted ticket): gets in" in line for line in found)
    assert any("GET desk:attachment (other ticket): gets in" in line for line in found)


def test_pages__role_that_lost_a_right__is_found(where: World, monkeypatch: pytest.MonkeyPatch) -> None:
    less = permissions.ROLE_PERMISSIONS[Role.AGENT] - {Permission.TICKET_UPDATE}
    monkeypatch.setitem(permissions.ROLE_PERMISSIONS, Role.AGENT, less)

    found = list(trial.mismatches(where, "agent", chosen("desk:status")))

    assert any("POST desk:status (own ticket): is refused" in line for line in found)
