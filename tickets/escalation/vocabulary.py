"""What a step of an escalation does, after what, and where a run stands."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class After(TextChoices):
    """What a step's minutes count from."""

    WARNED = "warned", _("the warning")
    BREACHED = "breached", _("the breach")
    PREVIOUS = "previous", _("the step before, if nobody has acknowledged")


class Action(TextChoices):
    """What a step does."""

    PAGE = "page", pgettext_lazy("escalation", "Page at the desk")
    MAIL = "mail", pgettext_lazy("escalation", "Mail")
    PUSH = "push", pgettext_lazy("escalation", "Push to their devices")
    HOOK = "hook", pgettext_lazy("escalation", "Webhook or chat channel")
    ON_CALL = "on_call", pgettext_lazy("escalation", "Call who is on call (page, mail and push)")
    PRIORITY = "priority", pgettext_lazy("escalation", "Raise the priority")
    REASSIGN = "reassign", pgettext_lazy("escalation", "Reassign")
    FOLLOW = "follow", pgettext_lazy("escalation", "Add a follower")


# Those that tell somebody: held in quiet hours, gathered in a storm.
TELLING = frozenset({Action.PAGE, Action.MAIL, Action.PUSH, Action.HOOK, Action.ON_CALL})


class Cause(TextChoices):
    """What began a run."""

    WARNED = "warned", _("A warning")
    BREACHED = "breached", _("A breach")
    CUSTOMER = "customer", _("The customer")


class State(TextChoices):
    """Where a run stands."""

    RUNNING = "running", pgettext_lazy("escalation", "Running")
    # Every step was taken and nobody has acknowledged.
    DONE = "done", pgettext_lazy("escalation", "All steps taken")
    ACKNOWLEDGED = "acknowledged", pgettext_lazy("escalation", "Acknowledged")
    CANCELLED = "cancelled", pgettext_lazy("escalation", "Not needed any more")


# Somebody should still look at it.
WAITING = (State.RUNNING.value, State.DONE.value)


class Outcome(TextChoices):
    """What came of a step."""

    DONE = "done", pgettext_lazy("escalation step", "Done")
    HELD = "held", pgettext_lazy("escalation step", "Held until the quiet hours are over")
    GATHERED = "gathered", pgettext_lazy("escalation step", "Gathered in one summary")
    SKIPPED = "skipped", pgettext_lazy("escalation step", "Nothing to do, or nobody to tell")
    FAILED = "failed", pgettext_lazy("escalation step", "Failed")


class Format(TextChoices):
    """What a webhook is sent."""

    JSON = "json", pgettext_lazy("webhook", "JSON, signed")
    CHAT = "chat", pgettext_lazy("webhook", "Chat channel (a field “text”)")
