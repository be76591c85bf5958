"""The exchange's site: signing in, the account's front page, and the way to support."""

from datetime import datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sandbox import answers, configuration, hand_off, notifications, people, sign_in, storage
from sandbox.problems import Problem
from sandbox.sign_in import PasswordReset, TooManyFailures


def cookie_name() -> str:
    """The session cookie."""
    return f"sandbox_session_{configuration.current().cookie_suffix}"


@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """Show the account of whoever is signed in."""
    with storage.reading() as work:
        session = sign_in.session(work, request.COOKIES.get(cookie_name(), ""))
        if session is None:
            return HttpResponseRedirect("/sign-in")
        balances = work.execute(
            "SELECT asset, amount FROM balance WHERE account_id = ? ORDER BY asset", (session["account_id"],)
        ).fetchall()
        notified = notifications.newest(work, session["account_id"])
    where = configuration.current()
    context = {
        "session": dict(session),
        "balances": [(row["asset"], row["amount"].rstrip("0").rstrip(".")) for row in balances],
        "notified": [{**one, "at": datetime.fromisoformat(one["at"])} for one in notified],
        "support": f"{where.portal_origin}/portal/sign-in/",
        "chat": f"{where.portal_origin}/chat/{where.chat_inbox}/loader.js" if where.chat_inbox else "",
        "identifies": where.chat_identifies,
    }
    return render(request, "sandbox/front.html", context)


@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Sign in: the form, and its answer."""
    goal = _goal(request)
    context = {
        "people": people.PEOPLE, "password": people.PASSWORD, "code": sign_in.DEMO_CODE, "next": goal,
        "email": request.POST.get("email", ""), "shortest": sign_in.SHORTEST_PASSWORD,
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "sandbox/sign_in.html", context)
    fields = {name: request.POST.get(name, "") for name in ("email", "password", "code", "new_password")}
    try:
        with storage.work() as work:
            token = sign_in.begin(work, **fields)
    except TooManyFailures:
        problem, status = _("Too many attempts. Wait five minutes."), HTTPStatus.TOO_MANY_REQUESTS
    except PasswordReset:
        context["must_reset"] = True
        problem, status = _("Your account was frozen: choose another password."), HTTPStatus.OK
    else:
        if token is not None:
            return _entered(token, goal)
        problem, status = _("Email, password or code is not right."), HTTPStatus.OK
    return render(request, "sandbox/sign_in.html", {**context, "problem": problem}, status=status)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    with storage.work() as work:
        sign_in.end(work, request.COOKIES.get(cookie_name(), ""))
    response = HttpResponseRedirect("/sign-in")
    response.delete_cookie(cookie_name())
    return response


@require_GET
def to_support(request: HttpRequest) -> HttpResponse:
    """Send whoever is signed in to the portal with a code; everybody else signs in first."""
    asked = hand_off.Request.of(request.GET.dict())
    with storage.work() as work:
        session = sign_in.session(work, request.COOKIES.get(cookie_name(), ""))
        if session is not None and asked.accepts(session["auth_time"]):
            return HttpResponseRedirect(hand_off.grant(work, session, asked))
    return HttpResponseRedirect(f"/sign-in?{urlencode({'next': request.get_full_path()})}")


@require_GET
def chat_identity(request: HttpRequest) -> HttpResponse:
    """Say to our own page, for the chat that it embeds, who is signed in; 401 for nobody."""
    # Other sites' pages may send the request, but not read the answer; ours sends it from our own origin.
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Problem(HTTPStatus.FORBIDDEN, "foreign_origin", "Only our own page may ask.")
    with storage.work() as work:
        session = sign_in.session(work, request.COOKIES.get(cookie_name(), ""))
        if session is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, "signed_out", "Nobody is signed in.")
        return answers.document({"token": hand_off.chat_identity(work, session, request.GET.get("nonce", ""))})


@require_GET
def style(request: HttpRequest) -> HttpResponse:
    """The one style sheet."""
    response = HttpResponse(_style(), content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """Say that the file can be read."""
    with storage.reading() as work:
        work.execute("SELECT 1 FROM signing_key").fetchone()
    return HttpResponse("ok", content_type="text/plain")


@cache
def _style() -> bytes:
    return Path(__file__).with_name("static").joinpath("exchange.css").read_bytes()


def _goal(request: HttpRequest) -> str:
    """Where to go after signing in: a path of ours and nothing else."""
    wanted = (request.POST if request.method == "POST" else request.GET).get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else "/"


def _entered(token: str, goal: str) -> HttpResponse:
    response = HttpResponseRedirect(goal)
    response.set_cookie(
        cookie_name(), token, max_age=sign_in.LIFE, httponly=True, samesite="Lax",
        secure=configuration.current().is_secure,
    )  # fmt: skip
    return response
