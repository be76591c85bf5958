"""Links to user content on its own origin: signed, bound to a session, good for 60 seconds of the database.

The content origin gets no cookie. The link names the session; rights are read again when it is used.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core import signing

from core import clock

SALT = "pharos.content"
LIFE_S = 60


class BadLinkError(ValueError):
    """The link is forged, too old, or not ours."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a link opens: `kind` is a key of the content door's DOORS or OTHERS_DOORS; `target` a public id.

    The session is a staff member's for the first, and for the others whatever their door says.
    """

    session_pk: int
    kind: str
    target: str
    # When it was opened, by the database's clock: links inside of what it shows begin then.
    opened_at: datetime


def link(*, session_pk: int, kind: str, target: str, at: datetime | None = None) -> str:
    """Return the whole address on settings.CONTENT_URL; `at` saves asking the database for its time again."""
    begins = (at or clock.now()).timestamp()
    token = signing.Signer(salt=SALT).sign_object([session_pk, kind, target, begins])
    return f"{settings.CONTENT_URL}/c/{token}"


def read(token: str) -> Target:
    """Return what a link opens. Raises BadLinkError; the caller checks session and rights."""
    try:
        session_pk, kind, target, begins = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError) as error:
        raise BadLinkError(token[:8]) from error
    now = clock.now()
    # From a time to come: the clock has stepped back, and nobody knows how old the link is.
    if not -1 <= now.timestamp() - float(begins) <= LIFE_S:
        raise BadLinkError(token[:8])
    return Target(int(session_pk), str(kind), str(target), now)
