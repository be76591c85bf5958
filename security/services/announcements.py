"""What changed about a customer's safety, told to every channel they had before: to thieves there is no quiet way."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import models
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Customer, CustomerAddress
from core import audit, notices
from security import freeze_links, selectors

KIND = "customer_security"


class What(models.TextChoices):
    """What is told; the words begin the mail."""

    CONNECTED = "connected", gettext_lazy("Your exchange account was connected with our support portal.")
    PHRASE_SET = "phrase_set", gettext_lazy("The anti-phishing phrase of your support account was changed.")
    LOCKED = (
        "locked",
        gettext_lazy("A support lock was set or made longer: until it ends, support changes nothing."),
    )
    PASSKEY_ADDED = (
        "passkey_added",
        gettext_lazy("A passkey was added to your support account. In 72 hours it can approve what moves your money."),
    )
    CODE_ADDED = (
        "code_added",
        gettext_lazy(
            "An authenticator app was added to your support account. In 72 hours its codes can approve small amounts."
        ),
    )
    ACTION_ASKED = "action_asked", gettext_lazy("Something on your account waits for your approval.")
    ACTION_TURN = "action_turn", gettext_lazy("It is your turn now to approve something on your account.")
    ACTION_EXECUTED = "action_executed", gettext_lazy("What you approved was carried out.")
    ACTION_REFUSED = "action_refused", gettext_lazy("What was asked for on your account was not carried out.")
    ACTION_EXPIRED = "action_expired", gettext_lazy("What waited for your approval has expired: nothing was done.")
    SIGNED_OUT = "signed_out", gettext_lazy("Every other session at our support portal was ended.")
    FROZEN = (
        "frozen",
        gettext_lazy("Your account was frozen: nothing leaves it until it is unfrozen with full proof."),
    )
    # What the exchange signals.
    TRANSFER_LARGE = "transfer.large", gettext_lazy("A large transfer was made from your exchange account.")
    DEVICE_NEW = "device.new", gettext_lazy("Somebody signed in to your exchange account on a new device.")
    CREDENTIAL_CHANGED = (
        "credential.changed",
        gettext_lazy("The password or another sign-in detail of your exchange account was changed."),
    )
    REVIEW_OPENED = (
        "review_opened",
        gettext_lazy(
            "Somebody says that you have lost your passkey or authenticator: two of us will look at documents, and"
            " after three days at the earliest your second factors may be changed."
        ),
    )
    REVIEW_CONFIRMED = (
        "review_confirmed",
        gettext_lazy(
            "Two of us have looked at the documents and found them to be yours: your second factors will be changed."
        ),
    )
    REVIEW_REFUSED = (
        "review_refused",
        gettext_lazy("We have looked at the documents and could not find that they are yours: nothing is changed."),
    )
    REVIEW_CARRIED_OUT = (
        "review_carried_out",
        gettext_lazy("Your second factors were changed after a review of documents."),
    )
    DOCUMENTS_MOVED = (
        "documents_moved",
        gettext_lazy(
            "You have sent us pictures in a message while a review of yours is open. They may show identity documents:"
            " we have moved them to where only the two who look at them can see them."
        ),
    )


# What the page behind `link` is for.
ON_LINK = {
    What.REVIEW_OPENED: gettext_lazy(
        "If it was you, send pictures of your identity document and of yourself on this page. It needs no sign-in and"
        " works for 72 hours:\n\n%(link)s"
    ),
    What.DOCUMENTS_MOVED: gettext_lazy(
        "Please do not mail such pictures. Send further ones on this page. It needs no sign-in and works for 72 hours:"
        "\n\n%(link)s"
    ),
    What.REVIEW_REFUSED: gettext_lazy(
        "If you do not agree, you may appeal once within 30 days; two others then look at new pictures:\n\n%(link)s"
    ),
}


def tell(
    *,
    customer: Customer,
    what: What,
    former_phrase: str = "",
    details: Callable[[], Sequence[str]] | None = None,
    link: str = "",
) -> int:
    """Owe a mail to each of the customer's proven addresses, inside the caller's transaction; return how many.

    Addresses that bounce get one, too: the mark may be wrong, and an old channel is what a thief forgets. The mail
    carries the phrase that the customer knew before the change (`former_phrase`), else the present one, and a
    link that freezes. `details` returns paragraphs, in the language then active, in place of "if it was you";
    `link` is the path of a page that belongs to what is told.
    """
    addresses = list(
        CustomerAddress.objects.filter(customer=customer, kind=CustomerAddress.Kind.EMAIL)
        .exclude(proof=CustomerAddress.Proof.CLAIMED)
        .order_by("pk")
        .values_list("value", flat=True)
    )
    phrase = former_phrase or selectors.anti_phishing_phrase(customer)
    language = customer.language
    with translation.override(language):
        told = details() if details else [_about(what, link)]
        subject, body = _("Security of your account"), _body(customer, what, phrase, told)
    for address in addresses:
        notices.send(kind=KIND, to=address, subject=subject, body=body, language=language)
    audit.record(
        "customer.told",
        actor=audit.SYSTEM,
        obj=("customer", customer.public_id),
        detail={"what": what.value, "mails": len(addresses)},
    )
    return len(addresses)


def _about(what: What, link: str) -> str:
    if not link:
        return _("If it was you, there is nothing to do.")
    return ON_LINK[what] % {"link": settings.SITE_URL + link}


def _body(customer: Customer, what: What, phrase: str, told: Sequence[str]) -> str:
    parts = [
        str(what.label),
        *told,
        _(
            "If it was not you, freeze your account now. This link opens a page with one button and needs no sign-in:"
            "\n\n%(link)s\n\nIt works for 14 days."
        )
        % {"link": settings.SITE_URL + freeze_links.path_for(customer)},
        _("We will never ask you for your password, a code or a recovery phrase."),
    ]
    if phrase:
        parts.append(_("Your anti-phishing phrase: %(phrase)s") % {"phrase": phrase})
    return "\n\n".join(parts)
