"""The closed vocabulary of alarms; each id is a section of docs/operations.md that says what to do."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

# A lazy translation, or plain text.
Words = Any


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of alarm: what it is called, what it means for the desk, and how long it must last to be one."""

    title: Words
    meaning: Words
    confirm_s: int = 20
    # Nothing comes in or goes out, or trust is at stake: shown in red.
    is_grave: bool = False


KINDS: dict[str, Kind] = {
    "worker-silent": Kind(
        _("The worker is silent"),
        _("The mail process does its work meanwhile: mail is about 20 seconds slower. Start the worker again."),
    ),
    "beat-silent": Kind(
        _("The scheduler is silent"),
        _("Regular rounds stand still: sealing of the audit log, tidying. Start beat again."),
    ),
    "mail-silent": Kind(
        _("The mail process is silent"),
        _("No mail comes in: senders' servers keep it and try again. Start the mail process again."),
        is_grave=True,
    ),
    "sockets-silent": Kind(
        _("The socket server is silent"),
        _("Open pages read again every 15 seconds instead of at once. Start the socket server again."),
    ),
    "sweeper-silent": Kind(
        _("The sweeper is silent"),
        _("Mail whose wake-up was lost waits 20 seconds for the mail process. Look at the log of the rounds."),
    ),
    "sealer-silent": Kind(
        _("Audit entries are not being sealed"),
        _("Entries are kept, but their chain does not grow. Look at the log of the rounds, then verify the chain."),
    ),
    "anchor-silent": Kind(
        _("The audit log is not being anchored"),
        _("Its chain grows, but whether its end was cut off could not be seen. Bring the anchors' disk back."),
    ),
    "mailbox-down": Kind(
        _("A mailbox cannot be read"),
        _("Its mail stays on its server and comes in once it answers. The cause is given; mend it in administration."),
    ),
    "relay-down": Kind(
        _("An outgoing mail server cannot be used"),
        _("Replies of this mailbox wait and leave once it answers. The cause is given; mend it in administration."),
        is_grave=True,
    ),
    "inbox-overdue": Kind(
        _("Incoming mail waits too long"),
        _("It is stored and safe, but nobody handles it. Look at the logs of worker and mail process."),
        is_grave=True,
    ),
    "outbox-overdue": Kind(
        _("Outgoing mail waits too long"),
        _("Replies are stored and safe, but do not leave. Look at the logs of worker and mail process."),
        is_grave=True,
    ),
    "disk-low": Kind(
        _("A disk is nearly full"),
        _("Everything still works. Make room before it is full."),
    ),
    "disk-full": Kind(
        _("A disk is full"),
        _("New files and mail are refused; senders' servers keep their mail. Make room: it heals by itself."),
        confirm_s=0,
        is_grave=True,
    ),
    "redis-away": Kind(
        _("Redis does not answer"),
        _("Nothing is lost: open pages read again every 15 seconds and mail is about 20 seconds slower."),
    ),
    "audit-broken": Kind(
        _("The audit log is broken"),
        _("An entry was changed or removed behind Pharos's back. Keep everything as it is and find out who."),
        confirm_s=0,
        is_grave=True,
    ),
    "audit-unverified": Kind(
        _("The audit log has not been verified"),
        _("The hourly verification has not come to an end for three hours. Run it by hand."),
    ),
    # Two comparisons, a minute apart: a migration may be between its statements and its grants at the first.
    "fund-rule-broken": Kind(
        _("The rule of fund-related actions does not hold"),
        _("No fund-related action leaves. Somebody changed the rule in the database: find out who before you mend it."),
        confirm_s=75,
        is_grave=True,
    ),
    "fund-rule-unproven": Kind(
        _("The rule of fund-related actions is not being proved"),
        _("Whether the database still holds it is not looked at. Look at the log of the rounds."),
    ),
    # A minute has passed already when one of these is found.
    "freeze-unanswered": Kind(
        _("The exchange has not answered a freeze"),
        _("The customer is frozen here, not there: money may still move. Call the exchange now, by telephone."),
        confirm_s=0,
        is_grave=True,
    ),
    "fund-order-unanswered": Kind(
        _("The exchange has not answered an order"),
        _("A permitted action waits and is asked for again. Nobody may do it by hand: it would happen twice."),
        confirm_s=0,
        is_grave=True,
    ),
    "factors-not-ended": Kind(
        _("Factors that the exchange has let go still stand here"),
        _("The exchange refuses what they sign. The verifier has to end our copies: look at its log and start it."),
        confirm_s=0,
    ),
    "event-overdue": Kind(
        _("An event of the exchange waits too long"),
        _("It is stored and safe, but nobody was warned of it. Look at the log of the worker."),
        confirm_s=0,
    ),
    "event-unreadable": Kind(
        _("An event of the exchange cannot be read"),
        _("It is signed and kept, and nobody was warned of what it says. Ask the exchange what it meant."),
        confirm_s=0,
    ),
    "action-denied": Kind(
        _("A customer says: this was not me"),
        _("Somebody of ours asked for a fund-related action that its customer denies. Their account is frozen."),
        confirm_s=0,
        is_grave=True,
    ),
    "discord-silent": Kind(
        _("Discord is not listened to"),
        _("What customers write there is not heard. Look at the accounts in administration, then start the process."),
        is_grave=True,
    ),
    # Seen once, and looked at by a worker already.
    "impersonator": Kind(
        _("Somebody on a server poses as us"),
        _("They are called like us and have not the role of our people. Look at the member there, and remove them."),
        confirm_s=0,
    ),
    # Seen once, and a person has to look into it.
    "reveal-unassigned": Kind(
        _("Somebody asked for a customer's data without a ticket of their own"),
        _("They were refused. Ask them why; until then they can be shut out with one press."),
        confirm_s=0,
        is_grave=True,
    ),
    "reveal-bulk": Kind(
        _("Somebody looks at more customers than work explains"),
        _("What they saw is listed under “Who saw what”. They can be shut out with one press."),
        confirm_s=0,
        is_grave=True,
    ),
    "reveal-slow": Kind(
        _("Somebody reveals far more than colleagues, a little each day"),
        _("Compare with their tickets under “Who saw what”. They can be shut out with one press."),
        confirm_s=0,
    ),
    "reveal-honey": Kind(
        _("Somebody asked for the data of a customer who is watched"),
        _("Nobody has a reason to. Shut them out, then ask; compliance knows which customer it is."),
        confirm_s=0,
        is_grave=True,
    ),
    "reveal-unusual": Kind(
        _("A customer's data was revealed from a new browser, or at night"),
        _("Ask whose account it was whether it was them. If not, shut it out with one press."),
        confirm_s=0,
    ),
    "backup-silent": Kind(
        _("The backup is silent"),
        _("What happens from now on is not backed up. Start the backup again."),
        is_grave=True,
    ),
}

# What is about one of our people.
OF_PEOPLE = frozenset({"reveal-unassigned", "reveal-bulk", "reveal-slow", "reveal-honey", "reveal-unusual"})
