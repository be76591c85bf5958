"""The small world that the matrix is tried in: one person of each role, four tickets, and a browser for each person."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client

from accounts.models import Customer, CustomerAddress, Staff, Team, TeamMembership
from core import files
from core.clock import DatabaseNow
from livechat.models import Chat, ProactiveMessage, ProactiveShow, Visitor
from livechat.services import uploads
from security.models import ChannelReport, CustomerSession, OfficialChannel, StaffSession, TotpDevice
from security.services import api_tokens, sessions, sign_in
from tests.contracts.permissions.routes import (
    ARTICLE,
    BULLETIN,
    CUSTOMERS,
    DRAFT_BULLETIN,
    FEEDBACK,
    RAW_MAIL,
    STAFF,
    TOKENS,
    VISITORS,
)
from tests.factories import kb
from tests.factories.customers import open_portal, portal_customer
from tests.factories.guided import deposit_form
from tests.factories.livechat import ORIGIN, ChatInboxFactory, resolved, said, sent, started
from tickets.models import (
    Alarm,
    Attachment,
    BulkChange,
    InboundMail,
    Mailbox,
    Message,
    OutboundMail,
    SavedView,
    Ticket,
    Upload,
)
from tickets.services import saved_views, status

HOST = "localhost"
ASKED_SEQ, ANSWER_SEQ = 1, 2


@dataclass
class World:
    """Rows by the names that the matrix uses."""

    people: dict[str, Staff] = field(default_factory=dict)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    mailbox: Mailbox = field(default_factory=Mailbox)
    quarantined: InboundMail = field(default_factory=InboundMail)
    handed_in: InboundMail = field(default_factory=InboundMail)
    alarm: Alarm = field(default_factory=Alarm)
    customer: Customer = field(default_factory=Customer)
    saved_view: SavedView = field(default_factory=SavedView)
    requests: dict[str, Ticket] = field(default_factory=dict)
    visitor: Visitor = field(default_factory=Visitor)
    visitor_token: str = ""
    chat: Chat = field(default_factory=Chat)
    # What bodies of the matrix name, by its mark there.
    named: dict[bytes, str] = field(default_factory=dict)
    postbox_name: str = "20260101T000000-matrix"


def build() -> World:
    """Write the world's rows."""
    world = World()
    teams = {
        name: Team.objects.create(name=name, slug=name, is_restricted=name == "restricted")
        for name in ("own", "other", "restricted")
    }
    for role in sorted(STAFF):
        person = Staff.objects.create_staff(email=f"{role}@pharos.test", name=role.title(), role=role)
        TotpDevice.objects.create(staff=person, secret="JBSWY3DPEHPK3PXP", confirmed_at=person.created_at)
        world.people[role] = person
    TeamMembership.objects.create(team=teams["own"], staff=world.people["vendor"])
    world.mailbox = Mailbox.objects.create(slug="support", name="Support", address="support@pharos.test")
    customer = Customer.objects.create(name="Mei Lin")
    CustomerAddress.objects.create(customer=customer, kind="email", value="mei@example.test")
    for kind in ("own", "other", "teamless", "restricted"):
        _ticket(world, kind, teams.get(kind), customer)
    world.quarantined = InboundMail.objects.create(
        mailbox=world.mailbox, source="smtp", identity="0" * 64, raw=b"sealed", size=6, state="quarantined"
    )
    deposit_form("guided")
    kb.placed(ARTICLE, feedback=FEEDBACK, author=world.people["vendor"], reviewer=world.people["auditor"])
    kb.placed_bulletin(BULLETIN, author=world.people["vendor"], publisher=world.people["auditor"])
    kb.talk("matrix-talk")
    kb.placed_bulletin(DRAFT_BULLETIN, author=world.people["vendor"])
    open_ones = saved_views.Wording(name="Open ones", query="status:open")
    world.saved_view = saved_views.add(by=world.people["lead"], wording=open_ones, is_shared=True)
    world.alarm = Alarm.objects.create(kind="worker-silent", opened_at=DatabaseNow())
    world.customer = portal_customer("acc-mine", "mine@example.test")
    stranger = portal_customer("acc-theirs", "theirs@example.test")
    for kind, owner in (("mine", world.customer), ("theirs", stranger)):
        _request(world, kind, owner)
    session = open_portal(Client(), portal_customer("acc-chat", "chat@example.test"))
    world.visitor, world.visitor_token = started(ChatInboxFactory.create(allows_app=True), session=session)
    sent(world.visitor, "world-file", b"proof")
    message = ProactiveMessage.objects.create(inbox=world.visitor.inbox, name="Help", text="Stuck?", paths=["/none"])
    show = ProactiveShow.objects.create(message=message, visitor=world.visitor, text="Stuck?")
    told = said(world.visitor, files=["world-file"])
    world.chat, world.attachments["chat"] = told.chat, told.message.attachments.get()
    uploads.begin(visitor=world.visitor, client_id="world-upload", name="a.txt", size=5)
    # Rated once, and open again.
    survey = resolved(world.chat.ticket, world.people["agent"])
    status.move(ticket=survey.ticket, to="open", by=world.people["agent"])
    world.named |= {b"CHAT": world.chat.public_id, b"SURVEY": survey.public_id, b"SHOW": show.public_id}
    Ticket.objects.filter(pk=world.chat.ticket_id).update(team=teams["own"], assignee=None)
    postbox = Path(settings.POSTBOX_DIR)
    postbox.mkdir(parents=True, exist_ok=True)
    (postbox / f"{world.postbox_name}.eml").write_bytes(RAW_MAIL)
    OfficialChannel.objects.create(kind="email", value="support@pharos.test", canonical="support@pharos.test")
    ChannelReport.objects.create(kind="telegram", value="@pharos_help", canonical="pharos_help")
    world.handed_in = InboundMail.objects.create(
        mailbox=world.mailbox, source="http", identity="1" * 64, raw=b"sealed", size=6
    )
    return world


def _ticket(world: World, kind: str, team: Team | None, customer: Customer) -> None:
    ticket = Ticket.objects.create(
        subject=f"Withdrawal of {kind}",
        channel="email",
        requester=customer,
        requester_address="mei@example.test",
        team=team,
        mailbox=world.mailbox,
        last_seq=2,
        last_public_seq=2,
    )
    message = Message.objects.create(
        ticket=ticket,
        seq=1,
        public_seq=1,
        kind="reply",
        direction="in",
        channel="email",
        customer=customer,
        sender_role="requester",
        text="Where is my withdrawal?",
        html="<p>Where is my withdrawal?</p>",
    )
    answer = Message.objects.create(
        ticket=ticket,
        seq=ANSWER_SEQ,
        public_seq=ANSWER_SEQ,
        kind="reply",
        direction="out",
        channel="email",
        staff=world.people["agent"],
        sender_role="staff",
        text="On its way.",
    )
    OutboundMail.objects.create(
        message=answer,
        mailbox=world.mailbox,
        to_address="mei@example.test",
        message_id_header=f"<{kind}@pharos.test>",
        state="failed",
    )
    file = files.store(b"proof", name="proof.txt")
    world.tickets[kind] = ticket
    world.attachments[kind] = Attachment.objects.create(message=message, file=file)


def _request(world: World, kind: str, owner: Customer) -> None:
    ticket = Ticket.objects.create(
        subject=f"Request {kind}", channel="web", requester=owner, is_requester_proven=True, last_seq=1,
        last_public_seq=1,
    )  # fmt: skip
    message = Message.objects.create(
        ticket=ticket, seq=1, public_seq=1, kind="reply", direction="in", channel="web", customer=owner,
        sender_role="requester", text="Where is my deposit?",
    )  # fmt: skip
    world.requests[kind] = ticket
    world.attachments[kind] = Attachment.objects.create(message=message, file=files.store(b"slip", name="slip.txt"))


def bulk_change_of(person: Staff, ticket: Ticket) -> BulkChange:
    """Return a bulk change of this person's that is over."""
    found = BulkChange.objects.filter(by=person).first()
    wanted = {"version": 1, "actions": [{"kind": "priority", "value": "low"}]}
    over = {"place": 1, "skipped": 1, "finished_at": DatabaseNow()}
    return found or BulkChange.objects.create(by=person, tickets=[ticket.pk], actions=wanted, **over)


def upload_of(person: Staff, ticket: Ticket) -> Upload:
    """Put a file into this person's composer."""
    return Upload.objects.create(ticket=ticket, staff=person, file=files.store(b"draft", name="draft.txt"))


def browser(world: World, who: str) -> Client:
    """Return the browser of this member of the cast: signed in, half-way in, or with an API token."""
    client = Client(SERVER_NAME=HOST, raise_request_exception=False)
    if who in STAFF:
        _keep(client, lambda request: sessions.open_session(request=request, person=world.people[who], method="totp"))
    elif who == "password_only":
        _keep(client, lambda request: sign_in.start(request, person=world.people["agent"]))
    elif who in CUSTOMERS:
        open_portal(client, world.customer)
    elif who in VISITORS:
        client.defaults |= {"HTTP_AUTHORIZATION": f"Bearer {world.visitor_token}", "HTTP_X_CHAT_ORIGIN": ORIGIN}
    elif who in TOKENS:
        scope = who.removeprefix("token_")
        person = world.people["admin"]
        _, secret = api_tokens.issue(person=person, name=who, scopes=[scope], actor=person.actor)
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def session_of(world: World, who: str) -> StaffSession:
    """Return the session that `browser` opened for this person; for outsiders one that somebody else has."""
    if who not in world.people:
        browser(world, "agent")
    return StaffSession.objects.filter(staff=world.people.get(who, world.people["agent"])).latest("pk")


def portal_session_of(world: World) -> CustomerSession:
    """Return a session of the customer."""
    found = CustomerSession.objects.filter(customer=world.customer).order_by("-pk").first()
    return found or open_portal(Client(), world.customer)


def _keep(client: Client, act: Any) -> None:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = "127.0.0.1"
    request.session = client.session
    request.user = AnonymousUser()
    act(request)
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
