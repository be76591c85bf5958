"""Which of our mailboxes an address belongs to, and which addresses are our own."""

from collections.abc import Iterable

from tickets.models import Mailbox

# What only the hands that sign in somewhere need: a secret that no key opens must not keep mail from coming in.
SECRETS = ("imap_secret", "smtp_secret", "oauth_client_secret")


def base_address(address: str) -> str:
    """Return an address in lower case without its plus part: `Support+x@Pharos.test` is `support@pharos.test`."""
    local, at, domain = address.strip().strip("<>").lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def for_address(address: str) -> Mailbox | None:
    """Return the active mailbox that takes mail for `address`, plus-addresses included, or None; secrets deferred."""
    return Mailbox.objects.defer(*SECRETS).filter(address=base_address(address), is_active=True).first()


def own_addresses() -> frozenset[str]:
    """Return every address of ours, of inactive mailboxes too; a handful of rows."""
    return frozenset(Mailbox.objects.values_list("address", flat=True))


def is_own(address: str, own: Iterable[str]) -> bool:
    """Whether `address`, or the part before its plus, is among `own`."""
    return base_address(address) in own


def polled() -> list[Mailbox]:
    """Return the active mailboxes that are read over IMAP, without their secrets: one may not open."""
    return list(Mailbox.objects.defer(*SECRETS).filter(is_active=True, inbound=Mailbox.Inbound.IMAP).order_by("pk"))
