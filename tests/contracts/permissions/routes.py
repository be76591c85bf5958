"""What a row of the permission matrix is made of: who there is, what a door answers, how a row is written."""

import json
from dataclasses import dataclass, field
from enum import Enum

from django.conf import settings

STAFF = frozenset({"agent", "lead", "auditor", "admin", "compliance", "light_agent", "vendor"})
BEFORE = frozenset({"outsider", "password_only"})
TOKENS = frozenset({"token_read", "token_write", "token_intake"})
# Signed in at the portal, by the exchange: nothing at the desk opens for them, and nothing there for staff.
CUSTOMERS = frozenset({"customer"})
# A browser with the chat's frame: its token opens that visitor's own conversation and nothing else.
VISITORS = frozenset({"visitor"})
EVERYONE = STAFF | BEFORE | CUSTOMERS | VISITORS
NOBODY: frozenset[str] = frozenset()

REPLIES = frozenset({"agent", "lead", "admin", "vendor"})
NOTES = REPLIES | {"light_agent", "compliance"}
UPDATES = REPLIES
CREATES = frozenset({"agent", "lead", "admin"})
SEES_QUARANTINE = frozenset({"lead", "auditor", "admin", "compliance"})
RELEASES = frozenset({"lead", "admin"})
SEES_EXCHANGE = frozenset({"agent", "lead", "admin", "compliance"})
REVIEWS = frozenset({"agent", "lead", "compliance", "admin"})
WATCHES = frozenset({"lead", "admin"})
ASKS = frozenset({"agent", "lead"})
APPROVES = frozenset({"lead", "compliance"})
SHUTS_OUT = frozenset({"lead", "admin"})
COMPLIES = frozenset({"compliance"})
AUDITS = frozenset({"auditor"})
SEES_ACTIONS = frozenset({"auditor", "compliance"})
CHANGES_POLICY = frozenset({"lead", "compliance", "admin"})
SEES_POLICY = CHANGES_POLICY | {"auditor"}
LEADS_CHATS = frozenset({"lead"})
READS_REPORTS = frozenset({"lead", "auditor", "admin"})
SEES_WALLBOARD = READS_REPORTS | {"agent", "light_agent"}
FREEZES = STAFF - {"auditor", "light_agent"}
ADMIN_SITE = frozenset({"auditor", "admin"})
ADMINS = frozenset({"admin"})
WRITES_ARTICLES = frozenset({"agent", "lead", "admin", "compliance"})
PUBLISHES_ARTICLES = frozenset({"lead", "admin"})
# The article of the test world, its English translation, and what a reader said of it.
ARTICLE, FEEDBACK = "articleofthematrix00", "feedbackofthematrix0"
BULLETIN, DRAFT_BULLETIN = "bulletinofthematrix0", "draftofthematrix0000"
HOLDERS, LINKS = dict.fromkeys(("GET", "POST"), NOBODY), ("confirm", "unsubscribe")

# Tokens act for a person with the role of admin, within their scope.
READS, WRITES, HANDS_IN = frozenset({"token_read"}), frozenset({"token_write"}), frozenset({"token_intake"})
NEW_TICKET = json.dumps(
    {"requester": {"address": "mei@example.test", "name": "Mei"}, "subject": "Hello", "text": "Hi", "channel": "api"}
).encode()
NEW_ARTICLE = b'{"slug": "from-api", "language": "en", "title": "API", "body": "Hi", "section": "matrix-part"}'
NEW_REVISION = b'{"title": "API", "body": "Hi", "seen": 1}'
NEW_BULK_CHANGE = b'{"query": "priority:normal", "actions": [{"kind": "priority", "value": "low"}]}'
NEW_NOTE = b'{"kind": "note", "text": "Looks fine."}'
RAW_MAIL = b"From: mei@example.test\r\nTo: support@pharos.test\r\nSubject: Hello\r\n\r\nHi\r\n"

# Tickets of the test world → who may see them at all; the vendor belongs to the team of "own" only.
SEES: dict[str, frozenset[str]] = {
    "own": STAFF | TOKENS,
    "other": (STAFF | TOKENS) - {"vendor"},
    "teamless": (STAFF | TOKENS) - {"vendor"},
    "restricted": frozenset({"lead", "auditor", "compliance"}),
}

# Requests of the test world → which customers see them.
REQUESTS: dict[str, frozenset[str]] = {"mine": CUSTOMERS, "theirs": NOBODY}
# Without the verifier no action comes into this world: one's own is in tests/integration/tickets/portal/test_approvals.py.
ACTIONS: dict[str, frozenset[str]] = {"theirs": NOBODY}


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
    ALARM = "an open alarm"
    VIEW = "a view of the queue"
    BULK_CHANGE = "a bulk change of the person's own"
    SAVED_VIEW = "a saved view of everybody"
    MAIL = "a mail in the demo postbox"
    SESSION = "a session of the person"
    LINK = "a signed link"
    MAILBOX = "a mailbox"
    INTAKE = "a mail handed in by this token"
    REQUEST = "a request of a customer"
    REQUEST_FILE = "a file of a request of a customer"
    CUSTOMER = "a customer of the exchange"
    PORTAL_SESSION = "a session of the customer"
    ACTION = "a fund-related action that is not the customer's"
    CHAT = "the visitor's own conversation"
    CHAT_TICKET = "the ticket of a conversation"
    CHAT_UPLOAD = "a file that the visitor is sending"
    CHAT_FILE = "a file of the visitor's own conversation"
    COLLEAGUE = "another member of staff"


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
    takes_tokens: bool = False
    # What is sent, where an empty body would not come as far as the question.
    body: bytes = b""
    content_type: str = "application/x-www-form-urlencoded"
    # Sent along where the door asks which page it is called from.
    origin: str = ""


NO_NOTE = {"public_id": "none", "note_id": "none"}
MACRO = {"public_id": "none", "canned_id": "none"}
RECORDING = {"public_id": "none", "recording_id": "none"}


def reads(name: str, who: frozenset[str] = STAFF, about: About = About.NOTHING, **arguments: str) -> Route:
    """A page that is only looked at."""
    return Route(name, {"GET": who}, about, arguments=arguments)


def acts(name: str, who: frozenset[str], about: About = About.TICKET, **arguments: str) -> Route:
    """An act: POST only, so that no link performs it."""
    return Route(name, {"POST": who}, about, arguments=arguments)


# The second step of signing in: what a password alone opens.
HALF_WAY = frozenset(
    {"security:second_factor", "security:passkey", "security:passkey_options", "security:recovery", "security:enrol"}
)
BY_ANY_METHOD = dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), EVERYONE | TOKENS)


def second_step(name: str) -> Route:
    """A page between password and session: everybody else is sent to sign in."""
    half_way = frozenset({"password_only"})
    return Route(name, {"GET": half_way, "POST": half_way}, refusal=Got.SIGN_IN)


def open_to_all(name: str, **arguments: str) -> Route:
    """A page that asks for no session."""
    return Route(name, {"GET": EVERYONE | TOKENS, "POST": EVERYONE | TOKENS}, arguments=arguments)


def portal(name: str, *methods: str, about: About = About.NOTHING) -> Route:
    """A page of the portal: customers alone; everybody else, staff included, is sent to sign in there."""
    return Route(name, dict.fromkeys(methods or ("GET",), CUSTOMERS), about, refusal=Got.SIGN_IN)


def api(name: str, about: About = About.NOTHING, *, body: bytes = b"", **methods: frozenset[str]) -> Route:
    """An endpoint of API v1: a role and a scope must both allow it; unknown callers get 401."""
    content_type = "message/rfc822" if name == "api:intake" else "application/json"
    return Route(name, methods, about, takes_tokens=True, body=body, content_type=content_type)


def helping(name: str, **arguments: str) -> Route:
    """A page of the help centre: anybody may read it."""
    return Route(name, {"GET": EVERYONE | TOKENS}, arguments=arguments)


def articles(name: str, who: frozenset[str], *methods: str, body: bytes = b"", **arguments: str) -> Route:
    """An editors' page about the article of the test world."""
    named = {"public_id": ARTICLE, **arguments}
    return Route(f"articles:{name}", dict.fromkeys(methods or ("POST",), who), arguments=named, body=body)


def chat(name: str, method: str, body: bytes = b"{}", about: About = About.CHAT) -> Route:
    """A door of the visitors' API: the visitor's token alone opens it; whoever has none gets 401."""
    return Route(
        name, {method: VISITORS}, about, refusal=Got.SIGN_IN, body=body, content_type="application/json",
        origin=settings.SITE_URL,
    )  # fmt: skip
