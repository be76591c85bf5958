"""Canned replies and macros: keeping them, and counting their use."""

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, Team
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from core.storable_text import storable
from tickets import actions as vocabulary
from tickets.actions import Action, Kind
from tickets.models import CannedReply
from tickets.services import actions, errors
from tickets.services.canned_texts import UnknownPlaceholder, check

__all__ = ["ShortcutTaken", "UnknownPlaceholder", "Wording", "add", "change", "check", "used"]


class ShortcutTaken(errors.Refused):
    """The scope has one of this shortcut."""

    code = "shortcut_taken"
    message = _("There is a canned reply with this shortcut already.")


class NeitherTextNorAction(errors.Refused):
    """It would neither say nor do anything."""

    code = "neither_text_nor_action"
    message = _("Write a text, or choose an action.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a canned reply says and does, and under which name."""

    shortcut: str
    title: str
    text: str = ""
    text_zh_hans: str = ""
    actions: tuple[Action, ...] = ()
    is_active: bool = True


def add(*, by: Staff, wording: Wording, team: Team | None = None, is_own: bool = False) -> CannedReply:
    """Add a canned reply: one's own, a team's, or without either everybody's.

    Raises Refused for shared ones of whoever does not keep them, ShortcutTaken, UnknownPlaceholder, NotToBeSent,
    NeitherTextNorAction, and as `actions.plan`.
    """
    if not is_own and not by.has(Permission.CANNED_MANAGE):
        raise errors.Refused
    fields = _fields(wording, by)
    try:
        with transaction.atomic():
            row = CannedReply.objects.create(team=None if is_own else team, owner=by if is_own else None, **fields)
            audit.record("cannedreply.created", actor=by.actor, obj=("cannedreply", row.public_id), fields=[*fields])
    except IntegrityError as error:
        raise ShortcutTaken from error
    return row


def change(*, reply: CannedReply, by: Staff, wording: Wording) -> None:
    """Change what a canned reply says; whose it is, is for good. Raises as `add`."""
    fields = _fields(wording, by)
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


def _fields(wording: Wording, by: Staff) -> dict[str, Any]:
    texts = {"text": storable(wording.text), "text_zh_hans": storable(wording.text_zh_hans)}
    check([*texts.values(), wording.title])
    # The text of a macro goes into the composer: nothing is sent by itself.
    if any(action.kind == Kind.REPLY for action in wording.actions):
        raise errors.Refused
    ordered = actions.plan(wording.actions, by=by).actions
    if not texts["text"].strip() and not ordered:
        raise NeitherTextNorAction
    return {
        "shortcut": wording.shortcut,
        "title": storable(wording.title),
        **texts,
        "actions": vocabulary.written(ordered),
        "is_active": wording.is_active,
    }
