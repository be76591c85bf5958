"""Payloads in every field, seen in every view by the real browser: nothing runs, nothing is stopped, nobody is called."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from typing import Any

import psycopg
import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from accounts.models import Brand, Staff, Team
from tests.browser import canary as canaries
from tests.browser import desk
from tests.browser.attacks import bait
from tests.browser.attacks.bait import Ears
from tests.browser.canary import Canary
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.cast import open_session
from tests.corpus.xss import PAYLOADS
from tests.factories.accounts import StaffFactory
from tests.factories.tickets import mail_ticket, requester
from tests.support.system import RunningSystem
from tickets import content_links
from tickets.channels.email.compose import Outgoing, Party, compose
from tickets.models import InboundMail, Mailbox, Message, Tag, Topic
from tickets.services import replies

pytestmark = [
    pytest.mark.xdist_group("system"),
    pytest.mark.usefixtures("mailbox"),
    # Hundreds of pages: ten seconds each on an idle machine, minutes on a crowded one.
    pytest.mark.timeout(600),
]
# A column refuses NUL; the mail door takes it out.
STORED = [payload.replace("\x00", "") for payload in PAYLOADS]
# Every payload of the corpus has its turn in some field; at least this many have theirs in each.
ENOUGH = 200
A_PAGE = 40
# Lists of administration that show names people chose, or what customers wrote.
LISTED = (
    "accounts_brand", "accounts_customer", "accounts_staff", "accounts_team", "security_apitoken",
    "security_invitation", "tickets_alarm", "tickets_inboundmail", "tickets_mailbox", "tickets_outboundmail",
    "tickets_tag", "tickets_topic",
)  # fmt: skip
# A spread over every kind.
SPREAD = [*STORED[::2], *STORED[1::2]]


@pytest.fixture
def canary() -> Iterator[Canary]:
    with canaries.listening() as one:
        yield one


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.mark.attack("B1")
def test_people_and_words__payload_in_every_field__nothing_runs(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox, canary: Canary, ears: Ears
) -> None:
    seen = 0
    for start in range(0, ENOUGH, A_PAGE):
        person = hire()
        payloads = [canary.armed(payload) for payload in SPREAD[start : start + A_PAGE]]
        cases = bait.tickets(mailbox, person, payloads)
        page = ears.listen_to(open_desk(person, "/desk/views/mine/"))
        assert page.locator("[data-row]").count() == len(cases)
        bait.look_at(page, [reverse("desk:ticket", args=[case.public_id]) for case in cases])
        # One of them as a person sees it: clicked, with its composer, its menus and its files.
        page.locator("[data-row] a").first.click()
        page.locator("#composer-text").wait_for()
        seen += len(cases)
        page.close()
    assert seen >= ENOUGH
    assert ears.heard(canary) == ([], [], [])


@pytest.mark.attack("B1")
def test_live_page__payloads_come_in_while_it_is_open__nothing_runs(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox, canary: Canary, ears: Ears
) -> None:
    person = hire()
    ticket = mail_ticket(mailbox=mailbox, address=f"bait-{secrets.token_hex(6)}@example.com")
    page = ears.listen_to(open_desk(person, desk.ticket_path(ticket)))
    for start in range(0, ENOUGH, A_PAGE):
        words = "\n".join(canary.armed(payload) for payload in STORED[start : start + A_PAGE])
        replies.add(
            ticket=ticket,
            sender=requester(ticket.requester, ticket.requester_address),
            channel="email",
            words=replies.Words(text=f"{words}\nbatch {start}", html=f"<p>batch {start}</p>{words}"),
        )
        desk.wait_on(page, lambda: page.get_by_text(f"batch {start}").count() > 0, "the message to come in")  # noqa: B023 -- waited for within the round
    assert ears.heard(canary) == ([], [], [])


@pytest.fixture
def labels(system_db: str, owner_connection: "psycopg.Connection[Any]") -> Iterator[list[list[Any]]]:
    """Forty tags, topics, teams, brands and colleagues whose names the test changes; no other test sees them."""
    run = secrets.token_hex(3)
    tags = [Tag.objects.create(name=f"{run}{number}") for number in range(A_PAGE)]
    parent = Topic.objects.create(name=run, slug=run)
    topics = [
        Topic.objects.create(name=f"{run}{number}", slug=f"{run}-{number}", parent=parent) for number in range(A_PAGE)
    ]
    teams = [Team.objects.create(name=f"{run}{number}", slug=f"{run}-{number}") for number in range(A_PAGE)]
    brands = [Brand.objects.create(name=f"{run}{number}") for number in range(A_PAGE)]
    people = StaffFactory.create_batch(A_PAGE, role="agent")
    yield [tags, topics, teams, brands, people]
    Staff.objects.filter(pk__in=[one.pk for one in people]).update(name="Gone", is_active=False)
    tables: dict[str, list[Any]] = {
        "tickets_tag": tags,
        "tickets_topic": [*topics, parent],
        "accounts_team": teams,
        "accounts_brand": brands,
    }
    for table, rows in tables.items():
        for pk in [row.pk for row in rows]:
            owner_connection.execute(f"DELETE FROM {table} WHERE id = %s", [pk])  # noqa: S608 -- the tables above


@pytest.mark.attack("B1")
def test_labels_and_staff__payload_in_every_name__nothing_runs(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox, canary: Canary, ears: Ears, labels: list[list[Any]]
) -> None:
    admin = hire("Ama Admin", role="admin")
    ticket = mail_ticket(mailbox=mailbox, address=f"bait-{secrets.token_hex(6)}@example.com")
    page = ears.listen_to(open_desk(admin, desk.ticket_path(ticket)))
    views = [
        reverse("desk:ticket", args=[ticket.public_id]), reverse("desk:new"), reverse("desk:system"), reverse("security:account"),
        *(reverse(f"admin:{name}_changelist") for name in LISTED),
    ]  # fmt: skip
    former = Mailbox.objects.values("name", "signature").get(pk=mailbox.pk)
    try:
        for start in range(0, len(STORED), A_PAGE):
            payloads = STORED[start : start + A_PAGE]
            for rows, length in zip(labels, (40, 80, 60, 60, 80), strict=True):
                # A name is there once: what is cut to the same beginning gets a mark of its own in front.
                for number, (row, payload) in enumerate(zip(rows, payloads, strict=False)):
                    type(row).objects.filter(pk=row.pk).update(name=f"{payload[: length - 3]}{number}")
            Mailbox.objects.filter(pk=mailbox.pk).update(name=payloads[1][:80], signature="\n".join(payloads))
            edits = [
                reverse("admin:tickets_tag_change", args=[labels[0][0].pk]),
                reverse("admin:tickets_topic_change", args=[labels[1][0].pk]),
                reverse("admin:accounts_team_change", args=[labels[2][0].pk]),
                reverse("admin:accounts_brand_change", args=[labels[3][0].pk]),
                reverse("admin:accounts_staff_change", args=[labels[4][0].pk]),
                reverse("admin:tickets_mailbox_change", args=[mailbox.pk]),
            ]
            bait.look_at(page, [*views, *edits])
    finally:
        Mailbox.objects.filter(pk=mailbox.pk).update(**former)
    assert ears.heard(canary) == ([], [], [])


@pytest.mark.attack("B1")
def test_help_centre__payload_in_every_field__nothing_runs(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem, canary: Canary, ears: Ears
) -> None:
    author, lead = hire(), hire("Lin Lead", role="lead")
    page = ears.listen_to(open_desk(lead, "/desk/articles/"))
    made = bait.help_centre(author, lead, [canary.armed(payload) for payload in SPREAD[:A_PAGE]])
    try:
        bait.look_at(page, made.pages)
        page.goto(running_system.url + reverse("help:bulletins", args=["en"]), wait_until="load")
    finally:
        made.remove()
    assert ears.heard(canary) == ([], [], [])


@pytest.mark.attack("B1")
def test_review_postbox_and_api__payloads_in_mails__nothing_runs(
    hire: Hire, open_desk: OpenDesk, running_system: RunningSystem, mailbox: Mailbox, canary: Canary, ears: Ears
) -> None:
    admin, run = hire("Ama Admin", role="admin"), secrets.token_hex(4)
    put_aside, written = [], []
    for number, start in enumerate(range(0, len(STORED), A_PAGE)):
        words = "\n".join(canary.armed(payload) for payload in STORED[start : start + A_PAGE])
        one_line = " ".join(words.split())
        put_aside.append(
            InboundMail.objects.create(
                mailbox=mailbox, source="smtp", identity=f"{run}{number:056d}", raw=b"x", size=1, state="quarantined",
                reason="bulk", explanation=one_line[:500], preview=f"From: {one_line}\nSubject: {one_line}\n\n{words}",
                envelope_from=one_line[:320], envelope_to=one_line[:320],
            )
        )  # fmt: skip
        raw = compose(
            Outgoing(
                sender=Party("support@pharos.test", one_line[:80]), to=(Party("mina@example.com", one_line[:80]),),
                subject=one_line[:300], text=words, signature=words, message_id=f"<{run}.{number}@pharos.test>",
                date=datetime(2026, 11, 23, tzinfo=UTC),
            )
        )  # fmt: skip
        written.append(running_system.postbox / f"20990101T0000{number:02d}-{run}.eml")
        written[-1].parent.mkdir(parents=True, exist_ok=True)
        written[-1].write_bytes(raw)
    page = ears.listen_to(open_desk(admin, "/desk/review/"))
    try:
        bait.look_at(
            page,
            [reverse("desk:quarantine"), "/demo/postbox/", "/api/v1/docs/"]
            + [reverse("desk:quarantine_item", args=[row.public_id]) for row in put_aside]
            + [f"/demo/postbox/{path.stem}/" for path in written],
        )
        for path in ("/api/v1/tickets/?limit=100", f"/demo/postbox/{written[0].stem}/"):
            page.goto(f"{running_system.url}{path}")
    finally:
        for file in written:
            file.unlink()
        InboundMail.objects.filter(pk__in=[row.pk for row in put_aside]).update(state="ignored")
    assert ears.heard(canary) == ([], [], [])


@pytest.mark.attack("B1")
@pytest.mark.attack("B2")
def test_mail_html__every_payload_as_its_own_document__calls_nobody_but_the_content_origin(
    hire: Hire, open_context: OpenContext, running_system: RunningSystem, mailbox: Mailbox, canary: Canary, ears: Ears
) -> None:
    person = hire()
    _key, session = open_session(person)
    ticket = mail_ticket(mailbox=mailbox, address=f"bait-{secrets.token_hex(6)}@example.com")
    start = ticket.last_seq + 100
    told = {"ticket": ticket, "channel": "email", "kind": "reply", "direction": "in", "sender_role": "third_party"}
    Message.objects.bulk_create(
        Message(seq=start + number, text="see", html=f"<p>Payload</p>{canary.armed(payload)}", **told)
        for number, payload in enumerate(STORED)
    )
    asked: list[str] = []
    page = ears.listen_to(open_context(person).new_page())
    page.on("request", lambda request: asked.append(request.url))
    shown = 0
    for message in Message.objects.filter(ticket=ticket, seq__gte=start).only("public_id"):
        link = content_links.link(session_pk=session.pk, kind="message", target=message.public_id)
        page.goto(link, wait_until="load")
        shown += page.get_by_text("Payload", exact=True).count() > 0
    assert shown == len(STORED) >= ENOUGH
    assert len(page.context.pages) == 1
    assert {url for url in asked if not url.startswith(f"{running_system.content_url}/c/")} <= {"about:blank"}
    assert ears.heard(canary) == ([], [], [])


@pytest.mark.positive_control("B1")
def test_weak_pages__same_payloads_in_the_same_fields__call_the_canary(
    browser: Browser, canary: Canary, ears: Ears
) -> None:
    page = ears.listen_to(browser.new_page())  # a page whose breaches are wished for
    armed = [canary.armed(payload) for payload in STORED]
    for start in range(0, len(armed), A_PAGE):
        names = armed[start : start + A_PAGE]
        fields = "".join(f"<tr><td>{name[:160]}</td><td title='{name[:80]}'>{escape(name)}</td></tr>" for name in names)
        page.goto(canary.weak_page(f"<h1>{names[0][:400]}</h1><table>{fields}</table>"), wait_until="load")
    desk.wait_on(page, lambda: len(canary.heard) >= 20, "the canary to be called by pages that escape nothing")
    page.close()


@pytest.mark.positive_control("B1")
def test_look_at__payload_that_got_through__is_seen(
    browser: Browser, running_system: RunningSystem, canary: Canary, ears: Ears
) -> None:
    """The way of looking itself: markup that a page of ours let through is stopped by its policy, and we hear of it."""
    page = ears.listen_to(browser.new_page())
    page.goto(f"{running_system.url}/sign-in/")
    page.evaluate(
        "(markup) => document.body.append(document.createRange().createContextualFragment(markup))",
        canary.armed("<img src=x onerror=alert(1)><script>alert(1)</script>"),
    )
    desk.wait_on(page, lambda: len(ears.stopped) >= 2, "the policy to stop it")
    page.close()
    assert canary.heard == []
