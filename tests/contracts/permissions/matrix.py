"""The permission matrix: for every door, who gets in. It states and does not derive: a changed rule changes here too.

A row that is missing fails the build (test_matrix_is_complete.py); a row that is wrong fails test_matrix_holds.py.
"""

from dataclasses import dataclass, field
from enum import Enum

STAFF = frozenset({"agent", "lead", "auditor", "admin", "compliance", "light_agent", "vendor"})
BEFORE = frozenset({"outsider", "password_only"})
TOKENS = frozenset({"token_read", "token_write", "token_intake"})
EVERYONE = STAFF | BEFORE
NOBODY: frozenset[str] = frozenset()

REPLIES = frozenset({"agent", "lead", "admin", "vendor"})
NOTES = REPLIES | {"light_agent", "compliance"}
UPDATES = REPLIES
CREATES = frozenset({"agent", "lead", "admin"})
SEES_QUARANTINE = frozenset({"lead", "auditor", "admin", "compliance"})
RELEASES = frozenset({"lead", "admin"})
ADMIN_SITE = frozenset({"auditor", "admin"})

# Tickets of the test world → who may see them at all; the vendor belongs to the team of "own" only.
SEES: dict[str, frozenset[str]] = {
    "own": STAFF,
    "other": STAFF - {"vendor"},
    "teamless": STAFF - {"vendor"},
    "restricted": frozenset({"lead", "auditor", "compliance"}),
}


class Got(Enum):
    """What a request came to."""

    IN = "gets in"
    SIGN_IN = "is sent to sign in"
    FORBIDDEN = "is refused (403)"
    UNSEEN = "finds nothing (404)"
    BROKEN = "met a broken door (5xx)"
    WRONG_METHOD = "used a method that is not there (405)"


class About(Enum):
    """What the address of a route names."""

    NOTHING = "nothing"
    TICKET = "a ticket"
    MESSAGE = "a message of a ticket"
    ATTACHMENT = "an attachment of a ticket"
    UPLOAD = "the person's own upload"
    QUARANTINED = "a quarantined mail"
    VIEW = "a view of the queue"
    MAIL = "a mail in the demo postbox"
    SESSION = "a session of the person"
    LINK = "a signed link"
    MAILBOX = "a mailbox"
    INTAKE = "a mail handed in by this token"


@dataclass(frozen=True)
class Route:
    """One URL name with the methods it answers and who gets in by each."""

    name: str
    methods: dict[str, frozenset[str]]
    about: About = About.NOTHING
    # What signed-in staff get who may not, and what nobody-yet gets.
    refusal: Got = Got.FORBIDDEN
    unknown: Got = Got.SIGN_IN
    urlconf: str | None = None
    arguments: dict[str, str] = field(default_factory=dict)


def reads(name: str, who: frozenset[str] = STAFF, about: About = About.NOTHING, **arguments: str) -> Route:
    """A page that is only looked at."""
    return Route(name, {"GET": who}, about, arguments=arguments)


def acts(name: str, who: frozenset[str], about: About = About.TICKET, **arguments: str) -> Route:
    """An act: POST only, so that no link performs it."""
    return Route(name, {"POST": who}, about, arguments=arguments)


# The second step of signing in: what a password alone opens.
HALF_WAY = frozenset({"security:second_factor", "security:recovery", "security:enrol"})

ROUTES: list[Route] = [
    # Signs of life: for the load balancer and for Prometheus (which brings its own token).
    reads("healthz", EVERYONE),
    reads("readyz", EVERYONE),
    reads("metrics", NOBODY),
    # Signing in, before a session exists. A signed link is its own proof; only POST acts.
    Route("security:sign_in", {"GET": EVERYONE, "POST": EVERYONE}),
    Route("security:second_factor", {"GET": frozenset({"password_only"}), "POST": frozenset({"password_only"})}),
    Route("security:recovery", {"GET": frozenset({"password_only"}), "POST": frozenset({"password_only"})}),
    Route("security:enrol", {"GET": frozenset({"password_only"}), "POST": frozenset({"password_only"})}),
    Route("security:forgot", {"GET": EVERYONE, "POST": EVERYONE}),
    Route("security:reset", {"GET": EVERYONE, "POST": EVERYONE}, About.LINK, arguments={"token": "none"}),
    Route("security:invitation", {"GET": EVERYONE, "POST": EVERYONE}, About.LINK, arguments={"token": "none"}),
    acts("security:sign_out", EVERYONE, About.NOTHING),
    # One's own account.
    Route("security:account", {"GET": STAFF, "POST": STAFF}),
    acts("security:session_revoke", STAFF, About.SESSION),
    acts("security:recovery_renew", STAFF, About.NOTHING),
    # The desk.
    reads("desk:home"),
    reads("desk:view", STAFF, About.VIEW),
    reads("desk:rows", STAFF),
    reads("desk:counts"),
    reads("desk:ticket", STAFF, About.TICKET),
    reads("desk:timeline", STAFF, About.TICKET),
    acts("desk:reply", REPLIES),
    acts("desk:note", NOTES),
    acts("desk:draft", NOTES),
    acts("desk:upload", NOTES),
    acts("desk:upload_remove", NOTES, About.UPLOAD),
    acts("desk:undo", REPLIES, About.MESSAGE),
    acts("desk:retry", REPLIES, About.MESSAGE),
    acts("desk:assign", UPDATES),
    acts("desk:status", UPDATES),
    acts("desk:priority", UPDATES),
    acts("desk:tags", UPDATES),
    acts("desk:topic", UPDATES),
    acts("desk:team", UPDATES),
    acts("desk:language", UPDATES),
    acts("desk:spam", UPDATES),
    reads("desk:frame", STAFF, About.MESSAGE),
    reads("desk:attachment", STAFF, About.ATTACHMENT),
    Route("desk:new", {"GET": CREATES, "POST": CREATES}),
    reads("desk:quarantine", SEES_QUARANTINE),
    reads("desk:quarantine_item", SEES_QUARANTINE, About.QUARANTINED),
    acts("desk:quarantine_retry", RELEASES, About.QUARANTINED),
    # The demo's postbox exists in development settings only.
    reads("demo:postbox", STAFF),
    reads("demo:postbox_mail", STAFF, About.MAIL),
]

# Socket frame → who may send it; what a ticket subscription answers follows SEES.
FRAMES: dict[str, frozenset[str]] = {
    "subscribe": STAFF,
    "unsubscribe": STAFF,
    "ping": STAFF,
}

# Event → who it may reach: sockets of people who see the ticket, or everybody at the desk.
EVENTS: dict[str, str] = {
    "message.added": "those who see the ticket",
    "message.changed": "those who see the ticket",
    "ticket.created": "those who see the ticket's queue",
    "ticket.changed": "those who see the ticket, or its queue before or after",
    "counts.changed": "those who see the queue",
    "session.revoked": "the sockets of that session",
}

# Task → who wakes it and with what right it acts. No task takes a person's word for anything: ids only.
TASKS: dict[str, str] = {
    "core.seal_audit": "beat; core.audit_seal()",
    "core.anchor_audit": "beat; reads the head",
    "core.heartbeat_beat": "beat",
    "core.tidy": "beat",
}

# Command → who runs it: whoever holds a shell on the machine with the environment it names.
COMMANDS: dict[str, str] = {
    "verify_audit": "operator; reads the chain",
    "create_roles": "operator with DATABASE_ADMIN_URL",
    "migrate": "operator with DATABASE_OWNER_URL",
}

# Admin model → act → who.
ADMIN: dict[str, dict[str, frozenset[str]]] = {}

# The content origin knows no session: a signed link that lives for a minute is the only key.
CONTENT_ROUTES: list[Route] = []
