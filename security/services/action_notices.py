"""What customers are told of fund-related actions: that one waits, that it is their turn, and what became of it.

Each of these once for an action, to every proven address; a row of ActionNotice keeps that it was told. What comes by
itself (the end of a waiting time, an answer of the exchange, an expiry) is found by a round.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.clock import from_now
from security import fund_words
from security.models import FundAction, FundOrder, IdentityCheck
from security.services import announcements
from security.services.announcements import What
from security.standings import ANSWER_HOLDS, STAYS_OPEN

ROUTE = "portal:approval"
BATCH = 50
ONCE = """
INSERT INTO security_actionnotice (action_id, what, told_at) VALUES (%s, %s, core.clock())
ON CONFLICT (action_id, what) DO NOTHING RETURNING id
"""
# Nobody is told of what is long past, should the rounds have stood still.
LATELY = timedelta(days=3)
# The longest waiting time whose end is told; the index on created_at serves the rest.
LONGEST = timedelta(days=60)
UNTOLD = "NOT EXISTS (SELECT FROM security_actionnotice told WHERE told.action_id = action.id AND told.what = %(what)s)"
OPEN = """
NOT EXISTS (SELECT FROM security_execution done WHERE done.action_id = action.id)
AND NOT EXISTS (SELECT FROM security_actiondenial denied WHERE denied.action_id = action.id)
AND NOT EXISTS (SELECT FROM security_funddecline declined WHERE declined.action_id = action.id)
AND action.created_at > core.clock() - %(longest)s
"""
COOLED = f"""
SELECT action.id FROM security_fundaction action
 WHERE NOT action.needs_approval AND action.cooling_off_s > 0
   AND action.created_at + make_interval(secs => action.cooling_off_s)
       BETWEEN core.clock() - %(open)s AND core.clock()
   AND {OPEN} AND {UNTOLD} ORDER BY action.id LIMIT %(limit)s
"""  # noqa: S608 -- parts of ours
EXPIRED = f"""
SELECT action.id FROM security_fundaction action
 WHERE action.created_at + make_interval(secs => action.cooling_off_s) + %(open)s
       BETWEEN core.clock() - %(lately)s AND core.clock()
   AND {OPEN} AND {UNTOLD} ORDER BY action.id LIMIT %(limit)s
"""  # noqa: S608 -- parts of ours
ANSWERED = f"""
SELECT action.id FROM security_fundorder placed JOIN security_fundaction action ON action.id = placed.action_id
 WHERE placed.answered_at > core.clock() - %(lately)s AND {UNTOLD} ORDER BY placed.id LIMIT %(limit)s
"""  # noqa: S608 -- parts of ours


def asked(*, action: FundAction) -> None:
    """Say that an action was asked for; inside the transaction that has made it."""
    _tell_once(action, "asked", What.ACTION_ASKED, lambda: _waiting_words(action))


def approved(*, action: FundAction) -> None:
    """Say that the second person has approved and the customer's word is missing; inside that transaction."""
    given = IdentityCheck.objects.filter(action=action, verified_at__gt=from_now(-ANSWER_HOLDS)).exists()
    if not given:
        _tell_once(action, f"turn {action.approvals.count()}", What.ACTION_TURN, lambda: _turn_words(action))


def declined(*, action: FundAction) -> None:
    """Say that nothing comes of it; inside the transaction of the second person's no."""
    _tell_once(action, "declined", What.ACTION_REFUSED, lambda: _short_words(action))


def sweep(*, limit: int = BATCH) -> int:
    """Tell what came by itself; return of how many actions."""
    told = 0
    for what, statement in (("cooled", COOLED), ("expired", EXPIRED), ("ended", ANSWERED)):
        for action in _found(statement, what, limit):
            with transaction.atomic():
                told += _by_itself(action, what)
    return told


def _by_itself(action: FundAction, what: str) -> bool:
    if what == "cooled":
        return _tell_once(action, what, What.ACTION_TURN, lambda: _turn_words(action))
    if what == "expired":
        return _tell_once(action, what, What.ACTION_EXPIRED, lambda: _short_words(action))
    order = FundOrder.objects.get(action=action)
    if order.state == FundOrder.State.EXECUTED:
        return _tell_once(action, what, What.ACTION_EXECUTED, lambda: _executed_words(action, order))
    return _tell_once(action, what, What.ACTION_REFUSED, lambda: _short_words(action))


def _found(statement: str, what: str, limit: int) -> QuerySet[FundAction]:
    given: dict[str, Any] = {"what": what, "limit": limit, "open": STAYS_OPEN, "lately": LATELY, "longest": LONGEST}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        keys = [pk for (pk,) in cursor.fetchall()]
    return FundAction.objects.filter(pk__in=keys).select_related("customer").order_by("pk")


def _tell_once(action: FundAction, what: str, kind: What, details: Callable[[], Sequence[str]]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ONCE, [action.pk, what])
        if cursor.fetchone() is None:
            return False
    announcements.tell(customer=action.customer, what=kind, details=details)
    return True


def _short_words(action: FundAction) -> list[str]:
    return [fund_words.title(action), _page(action)]


def _executed_words(action: FundAction, order: FundOrder) -> list[str]:
    reference = _("Reference of the exchange: %(reference)s") % {"reference": order.reference}
    return [fund_words.title(action), reference, _page(action)]


def _waiting_words(action: FundAction) -> list[str]:
    hours = round(action.cooling_off_s / 3600)
    wait = _("Nothing can be done before a waiting time of %(hours)d hours is over.") % {"hours": hours}
    return [fund_words.title(action), *([wait] if hours else []), _act_words(), _page(action)]


def _turn_words(action: FundAction) -> list[str]:
    soon = _("A second person of support has approved it. Answer within 15 minutes, or they have to begin again.")
    return [fund_words.title(action), *([soon] if action.needs_approval else []), _act_words(), _page(action)]


def _act_words() -> str:
    return _(
        "Open the page, read what is to be done, and approve it there or say that it was not you. Opening the link "
        "does nothing by itself."
    )


def _page(action: FundAction) -> str:
    return settings.SITE_URL + reverse(ROUTE, args=[action.public_id])
