"""Work that a browser does before it sends the public form: cheap once, dear by the thousand, and no stranger's script.

A copy of the form has a signed key. The work is a number whose SHA-256 together with the key begins with enough zero
bits. It is good for that copy alone, which opens one ticket, so nothing has to be remembered of it.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing

LONGEST_KEY, LONGEST_WORK = 160, 20
AGE = timedelta(hours=12)
SALT = "tickets.contact"


def new_key() -> str:
    """Return the key of a new copy of the form."""
    return signing.TimestampSigner(salt=SALT).sign(secrets.token_urlsafe(16))


def is_ours(key: str) -> bool:
    """Whether we made this key, within the last twelve hours."""
    try:
        signing.TimestampSigner(salt=SALT).unsign(key, max_age=AGE)
    except signing.BadSignature:
        return False
    return True


def is_done(key: str, work: str) -> bool:
    """Whether the work for this key was done."""
    if not (work.isascii() and work.isdigit() and len(work) <= LONGEST_WORK and is_ours(key)):
        return False
    digest = hashlib.sha256(f"{key}.{work}".encode()).digest()
    return int.from_bytes(digest, "big") >> (len(digest) * 8 - settings.CONTACT_WORK_BITS) == 0


def name_of(key: str) -> str:
    """Return what names this copy of the form, without its signature."""
    return f"contact {key.partition(':')[0]}"
