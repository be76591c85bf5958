"""Fetching what somebody sent: from the hosts where Discord keeps files and nowhere else."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from tickets.channels.social.calling import NotHandedOver, Request, Vendor
from tickets.channels.social.shapes import RemoteFile, VendorAway, VendorRefused
from tickets.models import SocialAccount

HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
# Instead of all of them, for tests and the demo: the host is the first part of the path there.
_STAND_IN: Final = Vendor("DISCORD_CDN_URL", "Discord")


@dataclass(frozen=True, slots=True)
class _Keeper(Vendor):
    """One of Discord's hosts for files."""

    host: str = ""

    @property
    def url(self) -> SplitResult:
        """Return its address."""
        return urlsplit(f"https://{self.host}")


def fetch(_account: SocialAccount, file: RemoteFile, *, limit: int) -> bytes:
    """Return the content. Raises VendorAway, VendorRefused: also for a file of more than `limit` bytes."""
    if file.size > limit:
        raise VendorRefused("The file is too large.")
    host, path = _place(file.external_id)
    keeper = _STAND_IN if settings.DISCORD_CDN_URL else _Keeper("", "Discord", host)
    path = f"/{host}{path}" if settings.DISCORD_CDN_URL else path
    try:
        # The address in it is signed; the bot's token stays here.
        answer = keeper.ask(Request("GET", path), limit=limit + 1)
    except NotHandedOver as error:
        raise VendorAway(str(error)) from error
    if answer.status >= 500 or answer.status == 429:
        raise VendorAway(f"Discord says {answer.status} to the file.")
    if answer.status != 200:
        raise VendorRefused(f"Discord says {answer.status} to the file.")
    if len(answer.content) > limit:
        raise VendorRefused("The file is too large.")
    return answer.content


def _place(address: str) -> tuple[str, str]:
    """Return host and path of a file. Raises VendorRefused for an address anywhere but at Discord."""
    if address.isascii() and address.isprintable() and " " not in address:
        with suppress(ValueError):
            url = urlsplit(address)
            if url.scheme == "https" and url.netloc in HOSTS and "/../" not in f"{url.path}/":
                return url.netloc, (url.path or "/") + (f"?{url.query}" if url.query else "")
    raise VendorRefused("Discord names no file that can be fetched.")
