"""What somebody calls themselves at Facebook: events do not say it."""

from tickets.channels.meta.door import text
from tickets.channels.meta.graph import result
from tickets.models import SocialAccount

LONGEST_NAME = 160


def name_of(account: SocialAccount, person: str) -> str:
    """Return the name of a person's profile; empty for one without. Raises VendorAway, VendorRefused."""
    return text(result(account, person, fields="name").get("name"))[:LONGEST_NAME]
