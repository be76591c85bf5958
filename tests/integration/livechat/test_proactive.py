"""Proactive messages: who is shown which, how often at most, and what became of it; caps are the database's."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from accounts.models import Staff
from core.clock import from_now
from core.models import AuditEntry
from livechat.models import ChatHours, ChatInbox, ProactiveMessage, ProactiveShow, Visitor
from livechat.selectors.proactive import with_counters
from livechat.services import chats, proactive
from tests.cast import signed_in
from tests.factories.customers import open_portal, portal_customer
from tests.factories.livechat import ORIGIN, ChatInboxFactory, said, started
from tests.integration.livechat.conftest import Online
from tests.support.race import run_together
from tickets.models import Message
from tickets.selectors import timeline

Move = Callable[[timedelta], None]
HERE = "/withdraw"


@pytest.fixture
def inbox(_any_database: None) -> ChatInbox:
    made: ChatInbox = ChatInboxFactory.create()
    return made


def message(inbox: ChatInbox, **more: Any) -> ProactiveMessage:
    values = {"name": "Withdrawals", "text": "Stuck? Ask us.", "text_zh_hans": "遇到问题？", "paths": ["/withdraw*"]}
    found: ProactiveMessage = ProactiveMessage.objects.create(inbox=inbox, **{**values, "after_s": 5, **more})
    return found


def offered(visitor: Visitor, path: str = HERE, stayed_s: int = 10) -> str:
    """Return the text that this visitor is shown, '' for nothing; as a request finds them."""
    found = Visitor.objects.select_related("inbox", "customer", "session").get(pk=visitor.pk)
    show = proactive.offer(visitor=found, path=path, stayed_s=stayed_s)
    return show.text if show else ""


def proven(inbox: ChatInbox, account: str, amr: tuple[str, ...]) -> Visitor:
    session = open_portal(Client(), portal_customer(account, f"{account}@example.test"), amr)
    return started(inbox, session=session)[0]


@pytest.mark.django_db
def test_offer__page_time_and_language__decide(inbox: ChatInbox) -> None:
    message(inbox)
    visitor = started(inbox)[0]
    assert offered(visitor, "/account") == ""
    assert offered(visitor, stayed_s=4) == ""
    assert offered(visitor, "/withdraw/btc") == "Stuck? Ask us."
    chinese = started(inbox)[0]
    Visitor.objects.filter(pk=chinese.pk).update(locale="zh-hans")
    assert offered(chinese) == "遇到问题？"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "more",
    [
        {"is_active": False},
        {"starts_at": from_now(timedelta(hours=1))},
        {"ends_at": from_now(timedelta(hours=-1))},
        {"who": "proven"},
        {"who": "no_mfa"},
        {"visits": "returning"},
        {"languages": ["zh-hans"]},
        {"is_attended_only": True},
    ],
)
def test_offer__not_for_this_visitor_or_not_now__shows_nothing(inbox: ChatInbox, more: dict[str, Any]) -> None:
    message(inbox, **more)
    assert offered(started(inbox)[0]) == ""


@pytest.mark.django_db
def test_offer__priority__lowest_number_first_and_of_another_inbox_never(inbox: ChatInbox) -> None:
    message(inbox, text="Second", priority=20)
    message(inbox, text="First", priority=1)
    message(ChatInboxFactory.create(slug="other"), text="Elsewhere", priority=0)
    visitor = started(inbox)[0]
    assert [offered(visitor) for _ in range(3)] == ["First", "Second", ""]


@pytest.mark.django_db
def test_offer__the_exchanges_word__tells_who_is_signed_in_and_how(inbox: ChatInbox) -> None:
    ChatInbox.objects.update(proactive_per_day=9)
    for who in ("anonymous", "proven", "no_mfa"):
        message(inbox, text=who, who=who)
    stranger = started(inbox)[0]
    assert [offered(stranger) for _ in range(2)] == ["anonymous", ""]
    strong, weak = proven(inbox, "acc-1", ("pwd", "mfa")), proven(inbox, "acc-2", ("pwd",))
    assert [offered(strong) for _ in range(2)] == ["proven", ""]
    assert [offered(weak) for _ in range(3)] == ["proven", "no_mfa", ""]


@pytest.mark.django_db
def test_offer__had_a_conversation__is_returning(inbox: ChatInbox) -> None:
    message(inbox, text="Welcome", visits="new")
    message(inbox, text="Again", visits="returning")
    new, former = started(inbox)[0], started(inbox)[0]
    chats.end(chat=said(former).chat)
    assert (offered(new), offered(former)) == ("Welcome", "Again")


@pytest.mark.django_db
def test_offer__only_while_somebody_is_there__asks_presence_and_hours(inbox: ChatInbox, online: Online) -> None:
    message(inbox, is_attended_only=True)
    visitor = started(inbox)[0]
    assert offered(visitor) == ""
    online("Ada")
    ChatHours.objects.create(inbox=inbox, weekly="")
    assert offered(visitor) == "", "somebody is online, and the chat has no hours now"
    ChatHours.objects.update(is_active=False)
    assert offered(visitor) == "Stuck? Ask us."


def test_caps__once_in_its_days_and_so_many_a_day(clone_db: str, inbox: ChatInbox, move_time: Move) -> None:
    ChatInbox.objects.update(proactive_per_day=2)
    for number in range(3):
        message(inbox, text=f"Number {number}", priority=number, every_days=7)
    visitor = started(inbox)[0]
    assert [offered(visitor) for _ in range(3)] == ["Number 0", "Number 1", ""]
    move_time(timedelta(days=1, minutes=1))
    assert [offered(visitor) for _ in range(2)] == ["Number 2", ""]
    move_time(timedelta(days=7, minutes=2))
    assert offered(visitor) == "Number 0"


@pytest.mark.django_db
def test_caps__dismissed_or_talking__nothing(inbox: ChatInbox) -> None:
    first = message(inbox, every_days=1)
    visitor, talking = started(inbox)[0], started(inbox)[0]
    assert offered(visitor)
    show = ProactiveShow.objects.get()
    proactive.dismiss(show=show)
    for wrong in (visitor, talking):
        if wrong is talking:
            said(talking)
        assert offered(wrong) == ""
        # The rule is the database's: whoever asks it directly is refused, too.
        with pytest.raises(IntegrityError), transaction.atomic():
            ProactiveShow.objects.create(message=first, visitor=wrong, text="Again")


def test_caps__after_its_days__dismissed_stays_dismissed(clone_db: str, inbox: ChatInbox, move_time: Move) -> None:
    message(inbox, every_days=1)
    visitor = started(inbox)[0]
    offered(visitor)
    proactive.dismiss(show=ProactiveShow.objects.get())
    move_time(timedelta(days=20))
    assert offered(visitor) == ""


@pytest.mark.django_db
def test_caps__two_browsers_of_a_proven_customer__count_together(inbox: ChatInbox) -> None:
    message(inbox)
    customer = portal_customer()
    one, other = (started(inbox, session=open_portal(Client(), customer))[0] for _ in range(2))
    assert (offered(one), offered(other)) == ("Stuck? Ask us.", "")


def test_caps__eight_tabs_at_once__are_shown_one(clone_db: str, inbox: ChatInbox) -> None:
    ChatInbox.objects.update(proactive_per_day=1)
    for number in range(3):
        message(inbox, priority=number)
    visitor = started(inbox)[0]
    shown = run_together(*[partial(offered, visitor)] * 8)
    assert sorted(shown) == [""] * 7 + ["Stuck? Ask us."]
    assert ProactiveShow.objects.count() == 1


@pytest.mark.django_db
def test_caps__none_a_day__switches_off(inbox: ChatInbox) -> None:
    ChatInbox.objects.update(proactive_per_day=0)
    message(inbox)
    assert offered(started(inbox)[0]) == ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE livechat_proactiveshow SET shown_at = shown_at - interval '1 year'",
        "UPDATE livechat_proactiveshow SET visitor_id = visitor_id",
        "DELETE FROM livechat_proactiveshow",
        "DELETE FROM livechat_proactivemessage",
    ],
)
def test_database__what_was_shown__is_not_the_applications_to_change(
    clone_db: str, inbox: ChatInbox, statement: str
) -> None:
    message(inbox)
    assert offered(started(inbox)[0])
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)


def frame(token: str) -> Client:
    return Client(headers={"origin": settings.SITE_URL, "x-chat-origin": ORIGIN, "authorization": f"Bearer {token}"})


def post(client: Client, door: str, **body: Any) -> Any:
    return client.post(f"/chat/site/{door}/", json.dumps(body), content_type="application/json")


@pytest.mark.django_db
def test_doors__asked_opened_and_written__the_ticket_says_what_began_it(inbox: ChatInbox) -> None:
    first = message(inbox)
    visitor, token = started(inbox)
    client = frame(token)
    shown = post(client, "proactive", path="/withdraw?tx=1", stayed_s=10).json()
    assert shown["text"] == "Stuck? Ask us."
    assert post(client, "proactive", path=HERE, stayed_s=10).json() == {"show": "", "text": ""}
    assert post(client, "proactive/answer", show=shown["show"], answer="opened").status_code == 204
    chat = said(visitor, "Yes, mine is stuck.").chat

    event = Message.objects.get(ticket=chat.ticket, event="chat_proactive")
    assert (event.event_data, event.public_seq) == ({"message": first.public_id}, None)
    told = [one.event.text for one in timeline.latest(chat.ticket).messages if one.event]
    assert "The visitor answers our message on the site: “Stuck? Ask us.”" in told
    assert AuditEntry.objects.get(action="chat.opened").detail["proactive"] == first.public_id
    row = with_counters(ProactiveMessage.objects.all()).get()
    counters = (row.shown_count, row.opened_count, row.dismissed_count, row.converted_count)  # type: ignore[attr-defined]
    assert counters == (1, 1, 0, 1)
    # The next conversation did not begin with it.
    chats.end(chat=chat)
    assert ProactiveShow.objects.get().chat == chat
    assert not Message.objects.filter(
        ticket=said(visitor, client_id="two").chat.ticket, event="chat_proactive"
    ).exists()


@pytest.mark.django_db
def test_doors__showing_of_another_visitor_or_wrong_body__finds_nothing_and_400(inbox: ChatInbox) -> None:
    message(inbox)
    (visitor, token), (_other, theirs) = started(inbox), started(inbox)
    offered(visitor)
    show = ProactiveShow.objects.get()
    assert post(frame(theirs), "proactive/answer", show=show.public_id, answer="dismissed").status_code == 404
    assert post(frame(token), "proactive/answer", show=show.public_id, answer="liked").status_code == 400
    assert post(frame(token), "proactive", path=HERE).status_code == 400
    assert post(frame("none"), "proactive", path=HERE, stayed_s=1).status_code == 401
    show.refresh_from_db()
    assert (show.opened_at, show.dismissed_at) == (None, None)


@pytest.mark.django_db
def test_frame__tells_when_to_ask__and_no_words(inbox: ChatInbox) -> None:
    message(inbox, who="proven")
    page = Client().get("/chat/site/frame/").content.decode()
    assert "/withdraw*" in page
    assert "Stuck?" not in page


@pytest.mark.django_db
def test_admin__a_period_is_set_and_the_list_counts(inbox: ChatInbox, admin: Staff) -> None:
    browser, first = signed_in(Client(), admin), message(inbox)
    offered(started(inbox)[0])
    page = f"/admin/livechat/proactivemessage/{first.pk}/change/"
    data = {"name": "Withdrawals", "text": "Stuck?", "paths": "/withdraw*,/account/*", "after_s": "5", "who": "proven"}
    more = {"visits": "all", "priority": "1", "every_days": "7", "is_active": "on", "inbox": str(inbox.pk)}
    period = {"starts_at": "2026-01-01T09:00", "ends_at": "2030-01-01T09:00"}
    assert browser.post(page, {**data, **more, **period}).status_code == 302
    first.refresh_from_db()
    assert (first.paths, first.ends_at and first.ends_at.year) == (["/withdraw*", "/account/*"], 2030)
    backwards = {"starts_at": "2030-01-01T09:00", "ends_at": "2026-01-01T09:00", "paths": "withdraw"}
    refused = browser.post(page, {**data, **more, **backwards}).content.decode()
    assert "The period ends before it begins." in refused or "is no path" in refused
    listed = browser.get("/admin/livechat/proactivemessage/").content.decode()
    assert '<td class="field-shown">1</td>' in listed
    entry = AuditEntry.objects.get(action="proactivemessage.changed", object_id=first.public_id)
    assert {"paths", "ends_at"} <= set(entry.fields)
