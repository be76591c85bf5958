"""Django admin as every person: which models they may look at and change, and which actions they are offered."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from accounts import permissions
from accounts.models import Staff
from accounts.permissions import Permission, Role
from tests.contracts.permissions import matrix, routes, trial, world
from tests.contracts.permissions.routes import Got
from tests.contracts.permissions.world import World

PEOPLE = sorted(routes.STAFF | routes.BEFORE | routes.CUSTOMERS)


@pytest.fixture
def where(db: None) -> World:
    return world.build()


def may(who: str) -> dict[str, set[str]]:
    """Return, for each admin model, the acts and actions that this person is allowed."""
    request = RequestFactory().get("/admin/")
    request.user = Staff(role=who, is_active=True)
    found = {}
    for model, page in admin.site._registry.items():
        questions = {
            "view": page.has_view_permission,
            "add": page.has_add_permission,
            "change": page.has_change_permission,
            "delete": page.has_delete_permission,
        }
        acts = {act for act, ask in questions.items() if ask(request)}
        found[model._meta.label] = acts | (set(page.get_actions(request)) if acts else set())
    return found


def mismatches(who: str) -> Iterator[str]:
    for label, acts in may(who).items():
        listed = {act for act, people in matrix.ADMIN.get(label, {}).items() if who in people}
        for act in sorted(acts ^ listed):
            yield f"{who}: {act} {label}: {'allowed' if act in acts else 'refused'}, the matrix says otherwise"


@pytest.mark.parametrize("who", sorted(routes.STAFF))
@pytest.mark.attack("D1")
def test_admin__every_model_as_this_person__allows_what_the_matrix_says(who: str) -> None:
    assert list(mismatches(who)) == []


@pytest.mark.parametrize("who", PEOPLE)
def test_admin__its_pages_as_this_person__open_as_the_matrix_says(where: World, who: str) -> None:
    client = world.browser(where, who)
    denied = Got.SIGN_IN if who in routes.BEFORE | routes.CUSTOMERS else Got.FORBIDDEN

    for name in ("admin:index", "admin:accounts_staff_changelist", "admin:tickets_mailbox_add"):
        people = routes.ADMINS if name.endswith("_add") else routes.ADMIN_SITE
        response = client.get(reverse(name))
        if response.headers.get("Location", "").startswith(reverse("admin:login")):
            response = client.get(response.headers["Location"])
        assert trial.came_to(response) is (Got.IN if who in people else denied), name


def test_admin__role_given_too_much__is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    more = permissions.ROLE_PERMISSIONS[Role.LEAD] | {Permission.STAFF_MANAGE}
    monkeypatch.setitem(permissions.ROLE_PERMISSIONS, Role.LEAD, more)

    assert "lead: change accounts.Staff: allowed, the matrix says otherwise" in list(mismatches("lead"))
