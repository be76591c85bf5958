"""Links to user content on its own origin: signed, bound to a staff session, good for 60 seconds.

The content origin gets no cookie. The link names the session; rights are read again when it is used.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core import signing

SALT = "pharos.content"
LIFE_S = 60


class BadLinkError(ValueError):
    """The link is forged, too old, or not ours."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a link opens: `kind` is message, message-images, inline, preview or file; `target` a public id."""

    session_pk: int
    kind: str
    target: str


def link(*, session_pk: int, kind: str, target: str) -> str:
    """Return the whole address on settings.CONTENT_URL."""
    token = signing.dumps([session_pk, kind, target], salt=SALT)
    return f"{settings.CONTENT_URL}/c/{token}"


def read(token: str) -> Target:
    """Return what a link opens. Raises BadLinkError; the caller checks session and rights."""
    try:
        session_pk, kind, target = signing.loads(token, salt=SALT, max_age=LIFE_S)
    except (signing.BadSignature, ValueError) as error:
        raise BadLinkError(token[:8]) from error
    return Target(int(session_pk), str(kind), str(target))
