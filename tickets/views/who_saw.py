"""Doors of auditors: who saw what of whom, and the answer as a signed archive."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Customer, Staff
from accounts.permissions import Permission
from core import clock
from security.access import staff_required
from tickets.selectors import who_saw
from tickets.selectors.who_saw import Answer
from tickets.services import who_saw as service
from tickets.views.shared import page, staff_of, takes

ASKS = ("agent", "customer", "since", "until")
DAYS = 30
# The page shows the latest; the archive carries all.
SHOWN = 300


@require_safe
@staff_required(Permission.AUDIT_VIEW)
@takes(*ASKS)
def home(request: HttpRequest) -> HttpResponse:
    """Whose data `agent` saw, or who saw that of `customer`, from the day `since` to the day `until`."""
    answer, problem = _answer(request.GET)
    if answer is not None:
        service.asked(answer, by=staff_of(request).actor)
    return page(request, "desk/who_saw.html", _context(request.GET, answer, problem), status=422 if problem else 200)


@require_POST
@staff_required(Permission.AUDIT_VIEW)
def export(request: HttpRequest) -> HttpResponseBase:
    """The whole answer as a signed archive."""
    answer, problem = _answer(request.POST)
    if answer is None:
        problem = problem or _("Choose one of our people, or write the id of a customer.")
        return page(request, "desk/who_saw.html", _context(request.POST, None, problem), status=422)
    made = service.archive(answer, by=staff_of(request).actor)
    return FileResponse(
        made, as_attachment=True, filename=f"who-saw-{answer.public_id}.zip", content_type="application/zip"
    )


def _answer(given: Mapping[str, str]) -> tuple[Answer | None, str]:
    """Return the answer to what was asked, or what is wrong with it; neither where nothing was."""
    asked_agent, asked_customer = given.get("agent", ""), given.get("customer", "").strip()
    if not asked_agent and not asked_customer:
        return None, ""
    since, until = _day(given.get("since", "")), _day(given.get("until", ""), ends=True)
    if since is None or until is None or since >= until:
        return None, _("That is no period.")
    if asked_agent:
        agent = Staff.objects.filter(public_id=asked_agent).first()
        return (who_saw.by_agent(agent, since=since, until=until), "") if agent else (None, _("Nobody is called so."))
    customer = Customer.objects.filter(public_id=asked_customer).first()
    if customer is None:
        return None, _("There is no customer with this id.")
    return who_saw.of_customer(customer, since=since, until=until), ""


def _day(given: str, *, ends: bool = False) -> datetime | None:
    """Return when a day begins, or ends, in the time zone of whoever asks; nothing for what is none."""
    try:
        day = parse_date(given)
        return timezone.make_aware(datetime.combine(day + timedelta(days=int(ends)), time())) if day else None
    except (ValueError, OverflowError):
        return None


def _context(given: Mapping[str, str], answer: Answer | None, problem: str) -> dict[str, Any]:
    today = timezone.localtime(clock.now()).date()
    asked = {
        "agent": given.get("agent", ""),
        "customer": given.get("customer", ""),
        "since": given.get("since") or (today - timedelta(days=DAYS)).isoformat(),
        "until": given.get("until") or today.isoformat(),
    }
    return {
        "asked": asked,
        "answer": answer,
        "latest": answer.seen[: -SHOWN - 1 : -1] if answer else (),
        "staff": Staff.objects.order_by("name").values_list("public_id", "name"),
        "problem": problem,
    }
