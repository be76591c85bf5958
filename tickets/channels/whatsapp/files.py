"""Fetching what somebody sent: its number leads to an address at Meta, which wants the token, too."""

import re
from typing import Final

from tickets.channels.meta import files
from tickets.channels.meta.graph import result
from tickets.channels.social.shapes import RemoteFile, VendorRefused
from tickets.models import SocialAccount

# The largest kind, documents, is up to here; what we take may be less.
VENDOR_LIMIT: Final = 100 * 1024 * 1024
_MEDIA: Final = re.compile(r"[A-Za-z0-9_\-]{1,100}\Z")


def fetch(account: SocialAccount, file: RemoteFile, *, limit: int) -> bytes:
    """Return the content. Raises VendorAway, VendorRefused: also for a file of more than `limit` bytes."""
    limit = min(limit, VENDOR_LIMIT)
    if not _MEDIA.match(file.external_id):
        raise VendorRefused("WhatsApp names no file that can be fetched.")
    found = result(account, file.external_id)
    size, url = found.get("file_size"), found.get("url")
    if isinstance(size, int) and size > limit:
        raise VendorRefused("The file is too large.")
    if not isinstance(url, str):
        raise VendorRefused("WhatsApp names no file that can be fetched.")
    return files.download(url, limit=limit, token=account.token or "")
