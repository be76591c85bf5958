"""Fund-related actions as their customer sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from security import fund_words, standings
from security.fund_words import Line
from security.standings import Stage, Standing

LIMIT = 50
STAGES: Mapping[Stage, Promise] = {
    Stage.OPEN: _("Waits for you"),
    Stage.COOLING: _("Waiting time"),
    Stage.FROZEN: _("Account frozen"),
    Stage.LOCKED: _("Support locked out"),
    Stage.NO_FACTOR: _("No factor counts yet"),
    Stage.ANSWERED: _("You have approved"),
    Stage.SENDING: _("Being carried out"),
    Stage.EXECUTED: _("Carried out"),
    Stage.REFUSED: _("Not carried out"),
    Stage.DENIED: _("You said no"),
    Stage.DECLINED: _("Declined by support"),
    Stage.EXPIRED: _("Expired"),
    Stage.USED_UP: _("Attempts used up"),
}
TONES: Mapping[Stage, str] = {
    Stage.OPEN: "tone-accent", Stage.COOLING: "tone-warn", Stage.ANSWERED: "tone-teal", Stage.SENDING: "tone-teal",
    Stage.EXECUTED: "tone-good", Stage.FROZEN: "tone-bad", Stage.DENIED: "tone-bad", Stage.REFUSED: "tone-bad",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ApprovalShown:
    """One action in words, and where it stands."""

    id: str
    title: str
    lines: tuple[Line, ...]
    asked_by: str
    asked_at: datetime
    stage: str
    stage_words: str
    tone: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Approvals:
    """What waits for the customer's word, and what does not any more; the newest first."""

    waiting: tuple[ApprovalShown, ...]
    past: tuple[ApprovalShown, ...]


def approvals_of(customer: Customer) -> Approvals:
    """Return the newest actions of this customer."""
    rows = [shown(standing) for standing in standings.of_customer(customer, limit=LIMIT)]
    return Approvals(
        waiting=tuple(row for row in rows if row.standing.waits),
        past=tuple(row for row in rows if not row.standing.waits),
    )


def shown(standing: Standing) -> ApprovalShown:
    """Put one into words, in the language now active."""
    action, stage = standing.action, standing.stage
    return ApprovalShown(
        id=action.public_id,
        title=fund_words.title(action),
        lines=tuple(fund_words.lines(action)),
        asked_by=action.requester.name,
        asked_at=action.created_at,
        stage=stage.value,
        stage_words=str(STAGES[stage]),
        tone=TONES.get(stage, ""),
        standing=standing,
    )
