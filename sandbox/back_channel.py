"""The back channel: what Pharos' gateway asks, each request signed by it."""

import json
import sqlite3
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from sandbox import accounts, actions, factors, signing, storage
from sandbox.actions import Answer, Core
from sandbox.answers import document, problem
from sandbox.hand_off import CodeRefused, Exchanging
from sandbox.notifications import Notifier
from sandbox.pharos import Bearer
from sandbox.problems import Problem

CORE = Core()
BEARER = Bearer()
EXCHANGING = Exchanging()
NOTIFIER = Notifier()
LONGEST_REASON = 500

Door = Callable[..., HttpResponse]


def signed(*methods: str) -> Callable[[Door], Door]:
    """Let only requests through that Pharos signed; the door is given the parsed body and does one unit of work."""

    def around(door: Door) -> Door:
        @csrf_exempt
        def view(request: HttpRequest, **parts: str) -> HttpResponse:
            if request.method not in methods:
                answer = problem(HTTPStatus.METHOD_NOT_ALLOWED, "method", "Not a method of this address.")
                answer.headers["Allow"] = ", ".join(methods)
                return answer
            with storage.work() as work:
                BEARER.check(
                    work, header=request.headers.get("Authorization", ""), method=request.method,
                    target=request.META.get("RAW_URI") or request.get_full_path(), body=request.body,
                )  # fmt: skip
            body = parsed(request.body)
            with storage.work() as work:
                return door(request, work, body, **parts)

        return view

    return around


def parsed(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in a body, empty for an empty one; raises Problem 400 for anything else."""
    if not raw:
        return {}
    try:
        found = json.loads(raw)
        # What is no text in UTF-8 (a lone surrogate) can neither be hashed nor kept.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed", "The body is no JSON.") from error
    if not isinstance(found, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed", "The body is no JSON object.")
    return found


def jwks(request: HttpRequest) -> HttpResponse:
    """Publish the exchange's public keys."""
    with storage.reading() as work:
        answer = document(signing.jwks(work))
    answer.headers["Cache-Control"] = "public, max-age=60"
    return answer


@signed("GET")
def account(request: HttpRequest, work: sqlite3.Connection, body: dict[str, Any], *, account_id: str) -> HttpResponse:
    """Show an account."""
    return document(accounts.shown(work, account_id))


@signed("GET")
def transactions(
    request: HttpRequest, work: sqlite3.Connection, body: dict[str, Any], *, account_id: str
) -> HttpResponse:
    """List deposits and withdrawals."""
    found = accounts.transactions(
        work, account_id, digest=request.GET.get("hash", ""), kind=request.GET.get("kind", "")
    )
    return document({"results": found})


@signed("POST")
def freeze(request: HttpRequest, work: sqlite3.Connection, body: dict[str, Any], *, account_id: str) -> HttpResponse:
    """Freeze an account."""
    reason, source = (str(body.get(name, "")) for name in ("reason", "source"))
    if not (0 < len(reason) <= LONGEST_REASON and 0 < len(source) <= LONGEST_REASON):
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed", "reason and source are needed.")
    return document({"frozen_at": accounts.freeze(work, account_id, reason=reason, source=source)})


@signed("POST")
def notify(request: HttpRequest, work: sqlite3.Connection, body: dict[str, Any], *, account_id: str) -> HttpResponse:
    """Notify an account's customer in our app, once for each id."""
    is_new = NOTIFIER.take(work, account_id, body)
    response = document({"id": body["id"]}, HTTPStatus.CREATED if is_new else HTTPStatus.OK)
    if not is_new:
        response.headers["Idempotent-Replay"] = "true"
    return response


@signed("POST")
def factor_options(
    request: HttpRequest, work: sqlite3.Connection, body: dict[str, Any], *, account_id: str
) -> HttpResponse:
    """Begin an enrolment."""
    return document(factors.options(work, account_id, body.get("pharos_customer", "")))


@signed("POST")
def enrol(request: HttpRequest, work: sqlite3.Connection, body: dict[str, Any], *, account_id: str) -> HttpResponse:
    """Finish an enrolment."""
    return document(factors.enrol(work, account_id, body), HTTPStatus.CREATED)


@signed("DELETE")
def remove_factor(
    request: HttpRequest, work: sqlite3.Connection, body: dict[str, Any], *, account_id: str, factor_id: str
) -> HttpResponse:
    """Let a factor go."""
    factors.remove(work, account_id, factor_id, request.GET.get("action", ""))
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@signed("GET", "POST")
def action(request: HttpRequest, work: sqlite3.Connection, body: dict[str, Any], *, action_id: str) -> HttpResponse:
    """Execute an action, or look its answer up."""
    if request.method == "POST":
        answer = CORE.execute(work, action_id, body)
        return _answered(answer)
    found = actions.look_up(work, action_id)
    members = {"outcome": found.outcome, "reference": found.reference, "code": found.code, "at": found.at}
    return document({name: value for name, value in members.items() if value})


@signed("POST")
def token(request: HttpRequest, work: sqlite3.Connection, body: dict[str, Any]) -> HttpResponse:
    """Exchange a code for a hand-off."""
    try:
        return document({"token": EXCHANGING.token(work, body)})
    except CodeRefused as refusal:
        # Answered here: what was tried stays used.
        return problem(refusal.status, refusal.code, refusal.detail)


def _answered(answer: Answer) -> HttpResponse:
    if answer.outcome == "executed":
        response = document({"outcome": answer.outcome, "reference": answer.reference, "at": answer.at})
    else:
        response = problem(
            HTTPStatus.UNPROCESSABLE_ENTITY, answer.code, answer.detail, outcome=answer.outcome, at=answer.at
        )
    if answer.is_replay:
        response.headers["Idempotent-Replay"] = "true"
    return response
