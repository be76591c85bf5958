"""Canned replies: keeping them, and counting their use."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from core.storable_text import storable
from security import outbound_guard
from security.outbound_guard import Danger
from security.redaction import redact
from tickets import canned_words
from tickets.models import CannedReply
from tickets.services import errors


class ShortcutTaken(errors.Refused):
    """The scope has one of this shortcut."""

    code = "shortcut_taken"
    message = _("There is a canned reply with this shortcut already.")


class UnknownPlaceholder(errors.Refused):
    """A placeholder outside the closed list."""

    code = "unknown_placeholder"
    message = _("There is a placeholder in it that is not in the list. Write only those below in braces.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a canned reply says, and under which name."""

    shortcut: str
    title: str
    text: str
    text_zh_hans: str = ""
    is_active: bool = True


def check(texts: Collection[str]) -> None:
    """Refuse what would be held back at each sending. Raises UnknownPlaceholder, NotToBeSent."""
    if any(canned_words.unknown(text) for text in texts):
        raise UnknownPlaceholder
    dangers: frozenset[Danger] = frozenset().union(*(outbound_guard.dangers(text) for text in texts))
    if any(redact(text).findings for text in texts):
        dangers |= {Danger.SECRET}
    if dangers:
        raise errors.NotToBeSent(dangers)


def add(*, by: Staff, wording: Wording, team: Team | None = None, is_own: bool = False) -> CannedReply:
    """Add a canned reply: one's own, a team's, or without either everybody's.

    Raises Refused for shared ones of whoever does not keep them, ShortcutTaken, UnknownPlaceholder, NotToBeSent.
    """
    if not is_own and not by.has(Permission.CANNED_MANAGE):
        raise errors.Refused
    fields = _fields(wording)
    try:
        with transaction.atomic():
            row = CannedReply.objects.create(team=None if is_own else team, owner=by if is_own else None, **fields)
            audit.record("cannedreply.created", actor=by.actor, obj=("cannedreply", row.public_id), fields=[*fields])
    except IntegrityError as error:
        raise ShortcutTaken from error
    return row


def change(*, reply: CannedReply, by: Staff, wording: Wording) -> None:
    """Change what a canned reply says; whose it is, is for good. Raises as `add`."""
    fields = _fields(wording)
    changed = [name for name, value in fields.items() if getattr(reply, name) != value]
    try:
        with transaction.atomic():
            if not CannedReply.objects.editable_by(by).filter(pk=reply.pk).update(**fields):
                raise errors.Refused
            if changed:
                audit.record(
                    "cannedreply.changed", actor=by.actor, obj=("cannedreply", reply.public_id), fields=changed
                )
    except IntegrityError as error:
        raise ShortcutTaken from error


def used(*, reply: str, by: Staff) -> bool:
    """Count that `by` has put the canned reply (by public id) into a message. False for one that is not theirs."""
    mine = CannedReply.objects.filter(pk__in=CannedReply.objects.usable_by(by).filter(public_id=reply).values("pk"))
    return bool(mine.update(used=F("used") + 1, used_at=DatabaseNow()))


def _fields(wording: Wording) -> dict[str, str | bool]:
    texts = {"text": storable(wording.text), "text_zh_hans": storable(wording.text_zh_hans)}
    check([*texts.values(), wording.title])
    return {
        "shortcut": wording.shortcut,
        "title": storable(wording.title),
        **texts,
        "is_active": wording.is_active,
    }
