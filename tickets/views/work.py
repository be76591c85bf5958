"""Doors of the work on a case: its custom fields, its checklist, the time spent on it."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from security.access import staff_required
from tickets.models import ChecklistTemplate, Ticket
from tickets.models.ticket import Status
from tickets.selectors import checklists as steps
from tickets.selectors import custom_fields as shown
from tickets.selectors import time_entries as spent
from tickets.services import checklists, custom_fields, errors, time_entries
from tickets.views.shared import page, staff_of, takes, ticket_or_404, wants_fragment

MOST_GIVEN = 60
# A number of minutes has fewer.
DIGITS = 6


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def work(request: HttpRequest, public_id: str) -> HttpResponse:
    """The panels, which the side of a case loads by itself."""
    ticket = ticket_or_404(request, public_id)
    context = {**_can(request, ticket), **_fields(ticket), **_steps(request, ticket), **_time(request, ticket)}
    return page(request, "desk/_work.html", context)


@require_POST
@staff_required(Permission.TICKET_UPDATE)
def fields(request: HttpRequest, public_id: str) -> HttpResponse:
    """Fill in custom fields (`f-KEY`, `seen`), and answer with the panel."""
    ticket = ticket_or_404(request, public_id)
    given = given_fields(request)
    problems: dict[str, str] = {}
    problem = ""
    try:
        custom_fields.fill_in(ticket=ticket, given=given, by=staff_of(request), seen=request.POST.get("seen", ""))
    except custom_fields.BadValues as bad:
        problem, problems = str(bad.message), bad.problems
    except errors.Refused as refused:
        problem = str(refused.message)
    if not problem and not wants_fragment(request):
        return redirect("desk:ticket", public_id)
    ticket = ticket_or_404(request, public_id)
    asked = _fields(ticket, given, problems) if problem else _fields(ticket)
    context = {**_can(request, ticket), **asked, "problem": problem, "is_done": not problem}
    return page(request, "desk/_fields.html", context, status=422 if problem else 200)


def given_fields(request: HttpRequest) -> dict[str, list[str]]:
    """Return what a form says in custom fields, by key; a field that says nothing is among them."""
    names = [name for name in request.POST if name.startswith(shown.FIELD_PREFIX)][:MOST_GIVEN]
    return {
        name.removeprefix(shown.FIELD_PREFIX): [one for one in request.POST.getlist(name) if one.strip()]
        for name in names
    }


def _can(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    may = staff_of(request).has(Permission.TICKET_UPDATE)
    return {"ticket": ticket, "can_work": may and ticket.status != Status.CLOSED}


def _fields(ticket: Ticket, *asked: Any) -> dict[str, Any]:
    found = shown.of_ticket(ticket, *asked)
    return {
        "fields": found,
        "missing": [one for one in found if one.is_needed and one.is_editable and not one.text],
        "seen": shown.seen(ticket),
    }


@require_POST
@staff_required(Permission.TICKET_UPDATE)
def checklist(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put a step (`text`) or a template (`template`, a public id) on the list, and answer with the panel."""
    ticket = ticket_or_404(request, public_id)
    person, text = staff_of(request), request.POST.get("text", "")
    problem = ""
    try:
        if given := request.POST.get("template", ""):
            template = ChecklistTemplate.objects.usable_by(person).filter(public_id=given).first()
            if template is None:
                raise errors.Refused(_("That choice does not exist any more."))
            checklists.put_on(ticket=ticket, template=template, by=person)
        else:
            checklists.add_item(ticket=ticket, text=text, by=person)
    except errors.Refused as refused:
        problem = str(refused.message)
    return _checklist_panel(request, ticket, problem=problem, text=text if problem else "", focus="new")


@require_POST
@staff_required(Permission.TICKET_UPDATE)
def checklist_step(request: HttpRequest, public_id: str) -> HttpResponse:
    """Do something (`act`) with a step (`item`, a public id): tick, untick, up, down, remove."""
    ticket = ticket_or_404(request, public_id)
    person, item, act = staff_of(request), request.POST.get("item", ""), request.POST.get("act", "")
    problem = ""
    try:
        if act in {"tick", "untick"}:
            checklists.tick(ticket=ticket, item_id=item, is_done=act == "tick", by=person)
        elif act in {"up", "down"}:
            checklists.move(ticket=ticket, item_id=item, is_up=act == "up", by=person)
        elif act == "remove":
            checklists.remove(ticket=ticket, item_id=item, by=person)
        else:
            raise errors.Refused
    except errors.Refused as refused:
        problem = str(refused.message)
    return _checklist_panel(request, ticket, problem=problem, focus=f"{act} {item}")


def _checklist_panel(request: HttpRequest, ticket: Ticket, *, problem: str, focus: str, text: str = "") -> HttpResponse:
    if not problem and not wants_fragment(request):
        return redirect("desk:ticket", ticket.public_id)
    context = {**_can(request, ticket), **_steps(request, ticket), "problem": problem, "text": text, "focus": focus}
    return page(request, "desk/_checklist.html", context, status=422 if problem else 200)


@require_POST
@staff_required(Permission.TICKET_NOTE)
def time(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write down time (`minutes`, `day`, `note`), and answer with the panel."""
    ticket = ticket_or_404(request, public_id)
    given = {name: request.POST.get(name, "") for name in ("minutes", "day", "note")}
    problem = ""
    try:
        minutes = int(given["minutes"]) if given["minutes"].isdecimal() and len(given["minutes"]) < DIGITS else 0
        note = given["note"]
        time_entries.add(ticket=ticket, by=staff_of(request), minutes=minutes, day=_day(given["day"]), note=note)
    except errors.Refused as refused:
        problem = str(refused.message)
    return _time_panel(request, ticket, problem, given if problem else {})


@require_POST
@staff_required(Permission.TICKET_NOTE)
def time_take_back(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take one's own time (`entry`, a public id) back, and answer with the panel."""
    ticket = ticket_or_404(request, public_id)
    problem = ""
    try:
        time_entries.take_back(ticket=ticket, entry_id=request.POST.get("entry", ""), by=staff_of(request))
    except errors.Refused as refused:
        problem = str(refused.message)
    return _time_panel(request, ticket, problem, {})


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given) if given else spent.today()
    except ValueError:
        raise time_entries.BadDay from None


def _time_panel(request: HttpRequest, ticket: Ticket, problem: str, given: dict[str, str]) -> HttpResponse:
    if not problem and not wants_fragment(request):
        return redirect("desk:ticket", ticket.public_id)
    context = {**_can(request, ticket), **_time(request, ticket), "problem": problem, **given, "is_done": not problem}
    return page(request, "desk/_time.html", context, status=422 if problem else 200)


def _steps(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    person = staff_of(request)
    items = steps.of_ticket(ticket)
    may = person.has(Permission.TICKET_UPDATE)
    return {
        "items": items,
        "done": sum(one.is_done for one in items),
        "templates": [(one.public_id, steps.named(one)) for one in steps.usable(person)] if may else [],
        "may_remove_needed": person.has(Permission.CANNED_MANAGE),
    }


def _time(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    person = staff_of(request)
    entries = spent.of_ticket(ticket, person)
    return {
        "entries": entries,
        "total": spent.total(entries),
        "can_time": person.has(Permission.TICKET_NOTE),
        "today": spent.today().isoformat(),
    }
