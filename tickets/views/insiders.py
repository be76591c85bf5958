"""Doors against insiders: shutting people out at once, and the customers whom compliance watches."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Customer, Staff, Team
from accounts.permissions import Permission, Role
from security.access import staff_required
from security.models import HoneyCustomer
from security.services import honey_customers, shutting_out
from security.services.shutting_out import Outcome
from tickets.views.shared import page, staff_of, takes

VENDORS = "vendors"
MOST_REASON = 300


@require_safe
@staff_required(Permission.STAFF_SHUT_OUT)
@takes("who")
def shut_out(request: HttpRequest) -> HttpResponse:
    """Whom one may shut out; `who` is chosen already."""
    return page(request, "desk/shut_out.html", _choices(request, request.GET.get("who", "")))


@require_POST
@staff_required(Permission.STAFF_SHUT_OUT)
def shut_out_now(request: HttpRequest) -> HttpResponse:
    """Shut out `who` at once: `person-` or `team-` with an id, or `vendors`; `reason` stays on record."""
    who, reason = request.POST.get("who", ""), request.POST.get("reason", "").strip()[:MOST_REASON]
    whom, outcome, problem = _whom(who), None, ""
    if not whom:
        problem = _("There is nobody to shut out.")
    elif not reason:
        problem = _("Say why: it stays on record.")
    else:
        outcome = shutting_out.shut_out(whom=whom, by=staff_of(request), reason=reason)
    context: dict[str, Any] = {**_choices(request, who), "outcome": outcome, "problem": problem, "reason": reason}
    return page(request, "desk/shut_out.html", context, status=422 if problem else 200)


@require_safe
@staff_required(Permission.HONEY_MANAGE)
@takes()
def watched(request: HttpRequest) -> HttpResponse:
    """The watched customers."""
    return page(request, "desk/watched.html", _watched())


@require_POST
@staff_required(Permission.HONEY_MANAGE)
def watch(request: HttpRequest) -> HttpResponse:
    """Watch `customer` (their id), or with `end` no more."""
    customer = Customer.objects.filter(public_id=request.POST.get("customer", "").strip()).first()
    if customer is None:
        context = {**_watched(), "problem": _("There is no customer with this id.")}
        return page(request, "desk/watched.html", context, status=422)
    act = honey_customers.unwatch if request.POST.get("end") else honey_customers.watch
    act(customer=customer, by=staff_of(request))
    return redirect("desk:watched")


def _whom(who: str) -> list[Staff]:
    if who == VENDORS:
        return shutting_out.of_vendors()
    kind, _dash, public_id = who.partition("-")
    if kind == "team":
        team = Team.objects.filter(public_id=public_id).first()
        return shutting_out.of_team(team) if team else []
    return list(Staff.objects.filter(public_id=public_id, is_active=True)) if kind == "person" else []


def _choices(request: HttpRequest, who: str) -> dict[str, Any]:
    me = staff_of(request)
    people = [one for one in Staff.objects.filter(is_active=True).order_by("name") if shutting_out.may(one, by=me)]
    outcome: Outcome | None = None
    return {
        "who": who,
        "people": [(f"person-{one.public_id}", one.name, one.role_name) for one in people],
        "teams": [(f"team-{team.public_id}", team.name) for team in Team.objects.order_by("name")],
        "vendors": VENDORS if any(one.role == Role.VENDOR for one in people) else "",
        "outcome": outcome,
        "problem": "",
        "reason": "",
    }


def _watched() -> dict[str, Any]:
    rows = HoneyCustomer.objects.select_related("customer", "set_by").order_by("-set_at")
    return {"watched": rows, "problem": ""}
