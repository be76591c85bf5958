"""What the timeline says of the steps of a call."""

from typing import Final

from django.utils.translation import gettext_lazy as _

STEPS: Final = {
    "phone_came": _("A call came in. The number that it shows proves nothing."),
    "phone_proven": _("The caller typed this customer's support PIN. It opens the conversation and nothing more."),
    "phone_frozen": _("The caller froze the account by the keypad."),
    "phone_queued": _("The caller waits for somebody."),
    "phone_rang": _("The call rings at {to}."),
    "phone_declined": _("{to} passed the call on."),
    "phone_not_taken": _("{to} did not take the call."),
    "phone_answered": _("{name} took the call."),
    "phone_ended": _("The call ended."),
    "phone_missed": _("Nobody took the call: it was missed."),
    "phone_called": _("{name} calls the customer."),
    "phone_not_reached": _("The customer was not reached by phone."),
    "phone_not_placed": _("The phone provider did not do what was asked: the call may have to be made again."),
    "phone_transferred": _("{name} transfers the call."),
    "phone_conference": _("{name} asks {to} to join the call."),
    "phone_joined": _("{name} joined the call."),
    "phone_noted": _("{name} finished the call."),
    "phone_agreed": _("The caller agreed that the talk is recorded."),
    "phone_recorded": _("The talk was recorded."),
    "phone_recording_deleted": _("The recording was deleted, as its days were over."),
    "phone_recording_lost": _("The recording could not be fetched from the provider."),
    "phone_callback_asked": _("The caller wishes to be called back."),
    "phone_callback_cancelled": _("{name} cancelled the call-back."),
    "phone_callback_failed": _("The call-back reached nobody. Call again, or write to the customer."),
    "phone_voicemail": _("The caller left a voice message."),
    "phone_voicemail_lost": _("The voice message could not be fetched from the provider."),
}


def step(event: str, *, actor: str, target: str) -> str:
    """Return a step of a call in a sentence."""
    return str(STEPS[event]).format(name=actor, to=target)
