"""What the help centre's services refuse, in words a door can show."""

from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """The wish cannot be granted; `message` says why and what to do, `code` is stable for API clients."""

    code = "refused"
    message = _("That is not possible.")

    def __init__(self, message: str | None = None) -> None:
        if message is not None:
            self.message = message  # type: ignore[assignment]
        super().__init__(str(self.message))


class Stale(Refused):
    """Somebody else has written a newer revision."""

    code = "stale"
    message = _("Somebody else has changed this text. Compare the newest revision with yours, then save again.")


class Locked(Refused):
    """Somebody else is writing."""

    code = "locked"

    def __init__(self, holder: str) -> None:
        super().__init__(_("%(name)s is writing this text now. Take it over, or wait.") % {"name": holder})


class AddressTaken(Refused):
    """Another article has it, or had it."""

    code = "address_taken"
    message = _("Another article has this address.")


class OwnWork(Refused):
    """One's own revision."""

    code = "own_work"
    message = _("You have written this revision yourself. Another person has to review it.")


class HoldsSecret(Refused):
    """A recovery phrase, a key, a card number or a code."""

    code = "holds_secret"
    message = _("There is something in it that looks like a secret: a recovery phrase, a key, a card number or a code.")


class Fixed(Refused):
    """What was published is not written anew."""

    code = "fixed"
    message = _("What a bulletin says is fixed once it is published. Withdraw it, and write another one.")


class NotInEnglish(Refused):
    """English stands in for every language."""

    code = "not_in_english"
    message = _("Write it in English too: whoever reads another language is shown the English words.")


class AddressRefused(Refused):
    """No address that mail can be sent to."""

    code = "address_refused"
    message = _("This is no email address that we can write to.")
