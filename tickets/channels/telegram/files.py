"""Fetching what somebody sent: by its id, from the Bot API's own host and nowhere else."""

import re
from typing import Final

from tickets.channels.social.calling import NotHandedOver, json_form
from tickets.channels.social.shapes import RemoteFile, VendorAway, VendorRefused
from tickets.channels.telegram.accounts import checked
from tickets.channels.telegram.client import call, download
from tickets.models import SocialAccount

# The Bot API hands out files up to here.
VENDOR_LIMIT: Final = 20 * 1024 * 1024
# A path below its own folder: no host, no scheme, no way up, nothing to be read as a query.
_PATH: Final = re.compile(r"(?!.*(?:\.\.|//))[A-Za-z0-9_\-][A-Za-z0-9_\-./]{0,250}\Z")


def fetch(account: SocialAccount, file: RemoteFile, *, limit: int) -> bytes:
    """Return the content. Raises VendorAway, VendorRefused: also for a file of more than `limit` bytes."""
    limit = min(limit, VENDOR_LIMIT)
    if file.size > limit:
        raise VendorRefused("The file is too large.")
    try:
        found = checked(call(account, "getFile", json_form(file_id=file.external_id)))
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str) or not _PATH.match(path):
            raise VendorRefused("Telegram names no file that can be fetched.")
        status, content = download(account, path, limit=limit)
    except NotHandedOver as error:
        raise VendorAway(str(error)) from error
    if status >= 500 or status == 429:
        raise VendorAway(f"Telegram says {status} to the file.")
    if status != 200:
        raise VendorRefused(f"Telegram says {status} to the file.")
    if len(content) > limit:
        raise VendorRefused("The file is too large.")
    return content
