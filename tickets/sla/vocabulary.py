"""What a policy may promise, and what becomes of a promise when a resolved case is opened again."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Metric(TextChoices):
    """What is promised within a time."""

    FIRST_RESPONSE = "first_response", _("First response")
    NEXT_RESPONSE = "next_response", _("Next response")
    RESOLUTION = "resolution", _("Resolution")
    UPDATE_EVERY = "update_every", _("Update every")


# Those that an answer of ours keeps.
RESPONSES = frozenset({Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE})


class Reopening(TextChoices):
    """What becomes of the promise of a resolution when the case is opened again."""

    CONTINUE = "continue", _("The clock goes on; the time in between does not count")
    ANEW = "anew", _("A new clock begins from nothing")
    LEAVE = "leave", _("No clock: what was resolved in time stays so")
