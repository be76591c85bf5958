"""API tokens and sessions: who is admitted, with which scopes, and what they are told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Staff
from accounts.permissions import Permission
from core.audit import SYSTEM
from core.models import AuditEntry
from security.middleware import StaffSessionMiddleware
from security.models import ApiToken, StaffSession
from security.services import api_tokens
from security.services.session_store import SessionStore
from tests.cast import open_session


class Declared(APIView):
    required_scopes = {"GET": ApiToken.Scope.READ, "POST": ApiToken.Scope.WRITE, "PUT": ApiToken.Scope.INTAKE}
    required_permission = {
        "GET": Permission.TICKET_VIEW, "POST": Permission.TICKET_REPLY, "PUT": Permission.TICKET_CREATE,
        "PATCH": Permission.TICKET_UPDATE,
    }  # fmt: skip

    def get(self, _request: Request) -> Response:
        return Response({})

    post = put = patch = delete = get


def call(method: str, secret: str = "", **more: Any) -> Response:
    headers = {"authorization": f"Bearer {secret}"} if secret else {}
    request = RequestFactory().generic(method, "/api/v1/x/", headers={**headers, **more})
    answer = Declared.as_view()(request)
    assert isinstance(answer, Response)
    return answer


def token_of(person: Staff, *scopes: str) -> str:
    return api_tokens.issue(person=person, name="test", scopes=scopes, actor=SYSTEM)[1]


def test_token__of_the_right_scope__is_admitted_and_noted_once_a_minute(
    clone_db: str, agent: Staff, move_time: Callable[[timedelta], None]
) -> None:
    secret = token_of(agent, "read")
    assert secret.startswith("ph_")
    assert len(secret) == 46
    assert call("GET", secret).status_code == 200
    first = ApiToken.objects.get().used_at
    move_time(timedelta(seconds=50))
    call("GET", secret)
    assert ApiToken.objects.get().used_at == first
    move_time(timedelta(seconds=20))
    call("GET", secret)
    assert ApiToken.objects.get().used_at != first


@pytest.mark.parametrize("secret", ["", "ph_", "ph_" + "a" * 43, "x" * 46, "null", "ph_" + "é" * 43])
def test_token__missing_or_wrong__is_401_with_a_challenge(agent: Staff, secret: str) -> None:
    token_of(agent, "read")
    answer = call("GET", secret)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="pharos"'


@pytest.mark.attack("E1")
def test_token__its_own_hash__opens_nothing(agent: Staff) -> None:
    token_of(agent, "read")
    assert call("GET", ApiToken.objects.get().digest).status_code == 401


def test_token__revoked_expired_or_of_a_former_person__is_401(
    clone_db: str, agent: Staff, lead: Staff, move_time: Callable[[timedelta], None]
) -> None:
    revoked, inactive, expiring = token_of(agent, "read"), token_of(lead, "read"), token_of(agent, "read")
    api_tokens.revoke(token=ApiToken.objects.earliest("pk"), actor=SYSTEM)
    Staff.objects.filter(pk=lead.pk).update(is_active=False)
    assert call("GET", revoked).status_code == 401
    assert call("GET", inactive).status_code == 401
    assert call("GET", expiring).status_code == 200
    move_time(timedelta(days=91))
    assert call("GET", expiring).status_code == 401


@pytest.mark.parametrize(
    ("scopes", "method", "status"),
    [
        (["read"], "GET", 200), (["read"], "HEAD", 200), (["read"], "POST", 403), (["write"], "GET", 403),
        (["write"], "POST", 200), (["read", "write"], "PUT", 403), (["intake"], "PUT", 200), (["intake"], "GET", 403),
        (["read", "write", "intake"], "PATCH", 403), (["read", "write", "intake"], "DELETE", 403),
        (["read", "write", "intake"], "OPTIONS", 403), ([], "GET", 403),
    ],
)  # fmt: skip
def test_token__scope__decides_and_the_undeclared_is_refused(
    agent: Staff, scopes: list[str], method: str, status: int
) -> None:
    assert call(method, token_of(agent, *scopes)).status_code == status


def test_token__role_without_the_right__is_403_and_recorded(auditor: Staff) -> None:
    secret = token_of(auditor, "read", "write")
    assert call("POST", secret).status_code == 403
    token = ApiToken.objects.get(staff=auditor)
    entry = AuditEntry.objects.get(action="access.denied", actor_id=token.public_id)
    assert (entry.actor_kind, entry.detail["permission"]) == ("token", "ticket.reply")


def through_middleware(key: str, method: str, **headers: str) -> HttpResponse:
    request = RequestFactory(enforce_csrf_checks=True).generic(method, "/api/v1/x/", headers=headers)
    request.COOKIES[settings.SESSION_COOKIE_NAME] = key
    request.session = SessionStore(key)
    request.user = StaffSession.objects.latest("pk").staff
    answer: HttpResponse = StaffSessionMiddleware(Declared.as_view())(request)
    return answer


def test_session__reads__is_admitted(agent: Staff) -> None:
    key, _ = open_session(agent)
    assert through_middleware(key, "GET").status_code == 200


def test_session__writes_without_the_csrf_token__is_403(agent: Staff) -> None:
    key, _ = open_session(agent)
    assert through_middleware(key, "POST").status_code == 403


def test_session__hands_in_mail__is_refused(agent: Staff) -> None:
    key, _ = open_session(agent)
    assert through_middleware(key, "PUT").status_code == 403


@pytest.mark.attack("E1")
def test_token__stored__only_as_a_hash(agent: Staff) -> None:
    secret = token_of(agent, "read")
    assert secret not in str(ApiToken.objects.values().get())
