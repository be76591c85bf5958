"""staff_required: redirects, 401 for htmx, 403 and its record; class-based views too."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.views import View

from accounts.models import Staff
from accounts.permissions import Permission
from core.models import AuditEntry
from security.access import StaffRequiredMixin, staff_required


@staff_required(Permission.STAFF_MANAGE)
def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


class Page(StaffRequiredMixin, View):
    required_permission = Permission.STAFF_MANAGE

    def get(self, _request: HttpRequest) -> HttpResponse:
        return HttpResponse("in")


class Undeclared(StaffRequiredMixin, View):
    def get(self, _request: HttpRequest) -> HttpResponse:
        return HttpResponse("in")


def asked_by(person: Any, method: str = "GET", path: str = "/desk/x/?q=1", **headers: str) -> HttpRequest:
    request = RequestFactory().generic(method, path, headers={name.replace("_", "-"): v for name, v in headers.items()})
    request.user = person
    return request


def test_staff_required__nobody__is_sent_to_sign_in_and_back() -> None:
    answer = page(asked_by(AnonymousUser()))
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=%2Fdesk%2Fx%2F%3Fq%3D1")
    assert page(asked_by(AnonymousUser(), "POST")).headers["Location"] == "/sign-in/"


@pytest.mark.parametrize(
    ("current", "target"),
    [
        ("http://localhost:8000/desk/view/mine/", "/sign-in/?next=%2Fdesk%2Fview%2Fmine%2F"),
        ("https://evil.test//evil.test/", "/sign-in/"),
        ("", "/sign-in/"),
    ],
)
def test_staff_required__nobody_by_htmx__is_401_with_a_redirect(current: str, target: str) -> None:
    answer = page(asked_by(AnonymousUser(), hx_request="true", hx_current_url=current))
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, target)


def test_staff_required__role_without_the_right__is_denied_and_recorded(agent: Staff) -> None:
    for view in (page, Page.as_view()):
        with pytest.raises(PermissionDenied):
            view(asked_by(agent))
    assert AuditEntry.objects.filter(action="access.denied", actor_id=agent.public_id).count() == 2


def test_staff_required__role_with_the_right__is_admitted_and_not_cached(admin: Staff) -> None:
    for view in (page, Page.as_view()):
        answer = view(asked_by(admin))
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]


def test_staff_required__inactive__is_denied(admin: Staff) -> None:
    admin.is_active = False
    with pytest.raises(PermissionDenied):
        page(asked_by(admin))


def test_staff_required__class_without_a_permission__does_not_even_start() -> None:
    with pytest.raises(AttributeError):
        Undeclared.as_view()
