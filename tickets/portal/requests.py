"""A customer's requests: the list, one of them, a new one, an answer, files, and the record to take along."""

import json
import secrets
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import idempotency, rate_limits
from security.access import record_denial
from security.customer_access import customer_required, session_here
from security.services import support_pins
from tickets import content_links
from tickets.models import Ticket
from tickets.portal.forms import AnswerForm, NewRequestForm, new_files
from tickets.selectors import guided, phone, portal
from tickets.services import errors, escalations, portal_requests, records
from tickets.views.shared import takes

UNPROCESSABLE, TOO_MANY = 422, 429
ANSWERS_PER_MIN, RECORDS_PER_MIN = 20, 6
# A whole record is bounded; the requests before have their own page, and their own record.
RECORD_REQUESTS = 500


@require_safe
@customer_required
@takes("after")
def home(request: HttpRequest) -> HttpResponse:
    """My requests, the newest first."""
    session = session_here(request)
    page = portal.requests_page(session.customer, after=request.GET.get("after", "")[:20])
    pin = support_pins.current(session=session) if phone.asks_for_pins() else None
    return render(request, "portal/home.html", {"page": page, "customer": session.customer, "pin": pin})


@require_safe
@customer_required
@takes("before")
def one(request: HttpRequest, public_id: str) -> HttpResponse:
    """One request."""
    return _request_page(request, _request_or_404(request, public_id), AnswerForm())


@require_http_methods(["GET", "HEAD", "POST"])
@customer_required
def new(request: HttpRequest) -> HttpResponse:
    """Ask something new."""
    follows = _follows(request, (request.POST if request.method == "POST" else request.GET).get("follows", ""))
    form_key = request.POST.get("form_key", "")[:40] or secrets.token_urlsafe(18)
    problem = ""
    form = NewRequestForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("portal:request", _opened_once(request, form.cleaned_data, form_key, follows))
        except errors.Refused as refused:
            problem = str(refused.message)
        except idempotency.KeyReused:
            problem = _("This form has already opened a request. Send it again to open another one.")
            form_key = secrets.token_urlsafe(18)
    context = {
        "form": form,
        "form_key": form_key,
        "follows": follows,
        "topics": portal.choosable_topics(),
        "guided": [] if follows else guided.links(get_language() or "en"),
        "already": () if follows else portal.open_already(session_here(request).customer),
        "problem": problem,
    }
    return render(request, "portal/new.html", context, status=UNPROCESSABLE if request.method == "POST" else 200)


@require_POST
@customer_required
def answer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Add to a request."""
    ticket = _request_or_404(request, public_id)
    customer = session_here(request).customer
    form = AnswerForm(request.POST, request.FILES)
    if _is_too_fast(customer.public_id, "portal-answer", ANSWERS_PER_MIN):
        return _request_page(request, ticket, form, problem=_too_fast(), status=TOO_MANY)
    if not form.is_valid():
        problem = _("Write something or attach a file first.")
        return _request_page(request, ticket, form, problem=problem, status=UNPROCESSABLE)
    given = form.cleaned_data
    try:
        message = portal_requests.answer(
            ticket=ticket,
            customer=customer,
            text=given["text"],
            attached=new_files(given["attached"]),
            seen_public_seq=given["seen"],
            client_key=given["client_key"],
        )
    except errors.Refused as refused:
        return _request_page(
            request, _request_or_404(request, public_id), form, problem=str(refused.message), status=UNPROCESSABLE
        )
    tell_of_masks(request, message.redactions)
    messages.success(request, _("Your message is with us."))
    return redirect("portal:request", public_id)


@require_POST
@customer_required
def escalate(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say why a request cannot wait: once in a day."""
    ticket = _request_or_404(request, public_id)
    customer = session_here(request).customer
    if _is_too_fast(customer.public_id, "portal-answer", ANSWERS_PER_MIN):
        return _request_page(request, ticket, AnswerForm(), problem=_too_fast(), status=TOO_MANY)
    try:
        escalations.ask(ticket=ticket, customer=customer, reason=request.POST.get("reason", ""))
    except errors.Refused as refused:
        found = _request_or_404(request, public_id)
        return _request_page(request, found, AnswerForm(), problem=str(refused.message), status=UNPROCESSABLE)
    messages.success(request, _("Your request was escalated: somebody else is told as well."))
    return redirect("portal:request", public_id)


@require_safe
@customer_required
def file(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    """Lead to a file on the content origin, by a link bound to this session and good for a minute."""
    found = portal.attachment(_request_or_404(request, public_id), file_id)
    if found is None:
        raise Http404
    session = session_here(request)
    return redirect(content_links.link(session_pk=session.pk, kind="customer-file", target=found.public_id))


@require_safe
@customer_required
def request_record(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One request to take along, with its files."""
    ticket = _request_or_404(request, public_id)
    return _archive(request, [ticket], carries_files=True, name=f"request-{ticket.number}")


@require_safe
@customer_required
def record(request: HttpRequest) -> HttpResponseBase:
    """Everything to take along, files by their hashes."""
    customer = session_here(request).customer
    tickets = list(portal.of_customer(customer).order_by("-pk")[:RECORD_REQUESTS])
    return _archive(request, tickets, carries_files=False, name="record")


def _archive(request: HttpRequest, tickets: list[Ticket], *, carries_files: bool, name: str) -> HttpResponseBase:
    customer = session_here(request).customer
    if _is_too_fast(customer.public_id, "portal-record", RECORDS_PER_MIN):
        return render(request, "429.html", status=TOO_MANY)
    if request.method == "HEAD":
        return HttpResponse(content_type="application/zip")
    made = records.archive(customer=customer, tickets=tickets, carries_files=carries_files)
    return FileResponse(made, as_attachment=True, filename=f"pharos-{name}.zip", content_type="application/zip")


def _request_or_404(request: HttpRequest, public_id: str) -> Ticket:
    """Return a request of this customer; another's and an unknown one look the same, but the audit log knows."""
    customer = session_here(request).customer
    ticket = portal.find(customer, public_id)
    if ticket is None:
        if Ticket.objects.filter(public_id=public_id).exists():
            record_denial(request, None, obj=("ticket", public_id), actor=customer.actor)
        raise Http404
    return ticket


def _follows(request: HttpRequest, public_id: str) -> Ticket | None:
    found = portal.find(session_here(request).customer, public_id) if public_id else None
    return found if found is not None and found.status == "closed" else None


def _request_page(
    request: HttpRequest, ticket: Ticket, form: AnswerForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    before = request.GET.get("before", "")
    context = {
        "shown": portal.request_shown(ticket, before=int(before) if before.isdecimal() and len(before) < 9 else 0),
        "form": form,
        "problem": problem,
        "client_key": secrets.token_urlsafe(18),
        "may_escalate": portal.may_escalate(ticket),
        "max_files": settings.MAX_FILES_PER_MESSAGE,
    }
    return render(request, "portal/request.html", context, status=status)


def _opened_once(request: HttpRequest, given: dict[str, Any], form_key: str, follows: Ticket | None) -> str:
    """Open the request, or find the one this copy of the form opened. Raises Refused, KeyReused."""
    customer = session_here(request).customer
    attached = new_files(given["attached"])
    asked = portal_requests.Asked(
        subject=given["subject"], text=given["text"], topic=given["topic"], files=attached, follow_up_of=follows
    )

    def act() -> tuple[int, Any]:
        ticket = portal_requests.open_request(customer=customer, asked=asked)
        tell_of_masks(request, ticket.messages.get(seq=1).redactions)
        return 302, ticket.public_id

    said = {name: str(given[name]) for name in ("subject", "text", "topic")}
    said["files"] = " ".join(f"{one.name}:{len(one.content)}" for one in attached)
    _status, public_id, _replayed = idempotency.once(
        actor=f"{customer.actor.kind}:{customer.actor.id}",
        key=f"portal:new {form_key}",
        request_body=json.dumps(said, sort_keys=True).encode(),
        act=act,
    )
    return str(public_id)


def tell_of_masks(request: HttpRequest, kinds: list[str]) -> None:
    """Say what was masked, and what to do now: whatever was sent here is burnt."""
    if not kinds:
        return
    messages.warning(
        request,
        _(
            "Something you sent looked like a secret and was masked before anybody saw it. If it was a recovery phrase "
            "or a key, move your funds to a new wallet now: a secret that was sent is no secret any more."
        ),
    )


def _is_too_fast(who: str, scope: str, limit: int) -> bool:
    spent = rate_limits.spend(scope=scope, who=who, limit=limit)
    return spent is not None and spent.is_over


def _too_fast() -> str:
    return _("That was a lot at once. Wait a minute, then send it again.")
