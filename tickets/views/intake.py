"""Doors for what did not come by itself: a new ticket by hand, and mail that needs review."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from core import idempotency
from security.access import record_denial, staff_required
from tickets.forms import BY_HAND, NewTicketForm
from tickets.kept_forms import TemplateForm
from tickets.models import InboundMail, TicketTemplate
from tickets.models.ticket import Priority
from tickets.selectors import cases, checklists, kept, review
from tickets.selectors import custom_fields as fields
from tickets.services import by_hand, custom_fields, errors, quarantine
from tickets.views.shared import page, staff_of, takes, wants_fragment
from tickets.views.work import given_fields


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_CREATE)
@takes("template")
def new(request: HttpRequest) -> HttpResponse:
    """Open a case for somebody; `template` names what the form begins with."""
    person = staff_of(request)
    chosen = request.POST.get("template", "") or request.GET.get("template", "")
    template = kept.template(person, chosen) if chosen else None
    form = NewTicketForm(request.POST or None, person=person, initial=_initial(template))
    problems: list[str] = []
    wrong: dict[str, str] = {}
    form_key = request.POST.get("form_key") or form.new_key()
    given = given_fields(request)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("desk:ticket", _opened_once(request, form.cleaned_data, given, form_key))
        except errors.Refused as refused:
            problems = [str(refused.message)]
            wrong = refused.problems if isinstance(refused, custom_fields.BadValues) else {}
        except idempotency.KeyReused:
            problems = [_("This form has already opened a ticket. Send it again to open another one.")]
            form_key = form.new_key()
    typed = given if request.method == "POST" else kept.values_of(template) if template else {}
    context = {
        "form": form.shown(),
        "form_key": form_key,
        "channels": [channel.value for channel in BY_HAND],
        "priorities": Priority.values,
        "topics": cases.topics(),
        "teams": [(team.slug, team.name) for team in form.fields["team"].queryset],  # type: ignore[attr-defined]
        "checklists": [(one.public_id, checklists.named(one)) for one in form.fields["checklist"].queryset],  # type: ignore[attr-defined]
        "templates": kept.templates(person),
        "template": template,
        "fields": fields.of_topic(template.topic, typed, wrong) if template else [],
        "errors": problems,
    }
    return page(request, "desk/new.html", context, status=422 if request.method == "POST" else 200)


def _initial(template: TicketTemplate | None) -> dict[str, object]:
    usual: dict[str, object] = {"channel": "phone", "priority": "normal", "assign_to_me": True}
    if template is None:
        return usual
    begun = TemplateForm.initial_of(template)
    return {**usual, **begun, "body": template.text, "team": begun["to_team"]}


def _opened_once(request: HttpRequest, given: dict[str, Any], values: dict[str, list[str]], form_key: str) -> str:
    """Open the case, or find the one this copy of the form opened; return its public id. Raises Refused, KeyReused."""
    person = staff_of(request)
    reported = by_hand.Reported(
        channel=given["channel"],
        address=given["requester_address"],
        name=given["requester_name"],
        subject=given["subject"],
        text=given["body"],
        priority=given["priority"],
        topic=given["topic"],
        team=given["team"],
        tags=[tag for tag in given["tags"].split(",") if tag.strip()],
        checklist=given["checklist"],
        fields={key: one for key, one in values.items() if one},
    )

    def act() -> tuple[int, Any]:
        ticket = by_hand.open_for(reported=reported, by=person, assign=given["assign_to_me"])
        return 302, ticket.public_id

    said = {name: str(value) for name, value in given.items() if name != "form_key"} | {"fields": str(values)}
    _status, public_id, _replayed = idempotency.once(
        actor=f"{person.actor.kind}:{person.actor.id}",
        key=f"desk:new {form_key}",
        request_body=json.dumps(said, sort_keys=True).encode(),
        act=act,
    )
    return str(public_id)


@require_safe
@staff_required(Permission.QUARANTINE_VIEW)
@takes("after")
def quarantine_list(request: HttpRequest) -> HttpResponse:
    """Mail that needs review."""
    return _review(request, item=None)


@require_safe
@staff_required(Permission.QUARANTINE_VIEW)
@takes("after")
def quarantine_item(request: HttpRequest, public_id: str) -> HttpResponse:
    """One mail that needs review."""
    return _review(request, item=_item(_mail_or_404(request, public_id)))


@require_POST
@staff_required(Permission.QUARANTINE_RELEASE)
def quarantine_retry(request: HttpRequest, public_id: str) -> HttpResponse:
    """Parse it again."""
    mail = _mail_or_404(request, public_id)
    status = 200
    try:
        quarantine.retry(inbound=mail, by=staff_of(request))
    except errors.Refused:
        status = 409
    if not wants_fragment(request):
        return redirect("desk:quarantine_item", public_id)
    return _after(request, mail, status)


@require_POST
@staff_required(Permission.QUARANTINE_RELEASE)
def quarantine_ignore(request: HttpRequest, public_id: str) -> HttpResponse:
    """Set it aside for good; its bytes stay."""
    mail = _mail_or_404(request, public_id)
    status = 200
    try:
        quarantine.ignore(inbound=mail, by=staff_of(request))
    except errors.Refused:
        status = 409
    if not wants_fragment(request):
        return redirect("desk:quarantine")
    return _after(request, mail, status)


def _after(request: HttpRequest, mail: InboundMail, status: int) -> HttpResponse:
    """Answer with the mail as an act has left it."""
    mail.refresh_from_db(fields=["state", "reason", "explanation", "attempts", "ticket"])
    context = {"item": _item(mail), "can_retry": True}
    return page(request, "desk/_quarantine_item.html", context, status=status)


def _review(request: HttpRequest, *, item: dict[str, Any] | None) -> HttpResponse:
    try:
        mails, following = review.page(staff_of(request), after=request.GET.get("after", ""))
    except ValueError:
        return HttpResponseBadRequest("The cursor is not one of this list.")
    context = {
        "mails": [{**mail, "url": reverse("desk:quarantine_item", args=[mail["public_id"]])} for mail in mails],
        "next_cursor": following,
        "item": item,
        "can_retry": staff_of(request).has(Permission.QUARANTINE_RELEASE),
    }
    return page(request, "desk/quarantine.html", context)


def _mail_or_404(request: HttpRequest, public_id: str) -> InboundMail:
    """Return the mail if it is under review and this person may see all it would show; a denial is recorded."""
    mail = review.mail(public_id, staff_of(request))
    if mail is None:
        if review.is_hidden(public_id, staff_of(request)):
            record_denial(request, Permission.QUARANTINE_VIEW, obj=("inbound_mail", public_id))
        raise Http404
    return mail


def _item(mail: InboundMail) -> dict[str, Any]:
    ticket = mail.ticket
    return {
        **review.shown(mail),
        "ticket_url": reverse("desk:ticket", args=[ticket.public_id]) if ticket else "",
        "ticket_number": ticket.number if ticket else None,
    }
