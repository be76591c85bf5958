"""The visitors' doors: their own conversation by their own token, from our own frame, and nothing by any other way."""

import gzip
import json
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Staff
from core import rate_limits
from livechat.models import ChatInbox, Mark, Visitor
from tests.factories.customers import open_portal, portal_customer
from tests.factories.livechat import ORIGIN, ChatInboxFactory, said, started
from tickets.models import Message, Ticket
from tickets.services import replies
from tickets.services.senders import Sender

pytestmark = pytest.mark.django_db
SEED = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


@pytest.fixture(autouse=True)
def inbox(db: None) -> ChatInbox:
    made: ChatInbox = ChatInboxFactory.create()
    return made


def frame(token: str = "", *, origin: str = ORIGIN, page: str = "") -> Client:
    """Return a browser in whose frame the chat runs; `page` is the origin of the page that sends."""
    known = {"authorization": f"Bearer {token}"} if token else {}
    return Client(headers={"origin": page or settings.SITE_URL, "x-chat-origin": origin, **known})


def post(client: Client, door: str, body: Any, slug: str = "site") -> Any:
    return client.post(f"/chat/{slug}/{door}/", json.dumps(body), content_type="application/json")


def say(client: Client, text: str = "Where is my deposit?", client_id: str = "id-000001") -> Any:
    return post(client, "say", {"client_id": client_id, "text": text})


def test_visitor__from_start_to_answer__reads_what_was_said(agent: Staff) -> None:
    begun = post(frame(), "start", {"origin": ORIGIN, "language": "zh-Hans"})
    assert (begun.status_code, begun.json()["is_proven"]) == (201, False)
    client = frame(begun.json()["token"])
    assert client.get("/chat/site/messages/").json()["chat"] == ""

    stored = say(client).json()
    ticket = Ticket.objects.get()
    replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="chat", words=replies.Words(text="On its way."))
    view = client.get("/chat/site/messages/", {"chat": stored["chat"], "since": stored["message"]["seq"]}).json()

    assert [(one["seq"], one["name"], one["parts"]) for one in view["messages"]] == [
        (2, agent.name, [{"text": "On its way.", "redaction": ""}])
    ]
    assert Visitor.objects.get().locale == "zh-hans"


def test_say__sent_twice__is_201_and_the_same_message() -> None:
    client = frame(started()[1])
    first, second = say(client), say(client)
    assert (first.status_code, second.status_code) == (201, 201)
    once, again = first.json(), second.json()
    # Of the time that is left to correct it, some has passed.
    assert once["message"].pop("correctable_s") >= again["message"].pop("correctable_s")
    assert once == again
    assert Message.objects.count() == 1


def test_say__secret__is_told_to_the_visitor_masked() -> None:
    told = say(frame(started()[1]), SEED).json()
    assert told["redactions"]
    assert [part["redaction"] for part in told["message"]["parts"]] == ["seed_phrase"]


def test_saw_and_end__move_the_mark_and_end_the_chat() -> None:
    client = frame(started()[1])
    chat = say(client).json()["chat"]
    assert post(client, "saw", {"chat": chat, "delivered": 1, "read": 1}).status_code == 204
    assert Mark.objects.get(side="visitor").read == 1
    assert post(client, "end", {"chat": chat}).status_code == 204
    assert client.get("/chat/site/messages/").json()["is_over"] is True


def test_messages__one_or_twenty__take_the_same_statements(agent: Staff) -> None:
    visitor, token = started()
    client = frame(token)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/chat/site/messages/").status_code == 200
        return len(captured)

    ticket = said(visitor, "Hello", "hello").chat.ticket
    # Who waits reads their place with it.
    waiting = cost()
    for number in range(20):
        said(visitor, "Hello?", f"hello-{number}")
    assert cost() == waiting <= 10
    answered = []
    for number in range(20):
        words = replies.Words(text=f"Answer {number}")
        replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="chat", words=words)
        answered.append(cost())
    assert answered[0] == answered[-1] <= 7


@pytest.mark.attack("G1")
def test_token__in_another_inbox_or_origin_or_path__is_401() -> None:
    ChatInboxFactory.create(slug="other")
    _visitor, token = started()
    for slug in ("other", "xsite", "sitex", "site-x"):
        assert post(frame(token), "say", {"client_id": "id-000001", "text": "Hi"}, slug).status_code == 401, slug
    for origin in ("https://exchange.example.evil.test", "https://evil.test", "null", ""):
        assert say(frame(token, origin=origin)).status_code == 401, origin
    # What libredesk took for its own by the end, or by a part, of the path.
    for path in ("/chat/other/start/site/messages/", "/chat/site/messages/x/", "/chat/x/site/messages/"):
        assert frame(token).get(path).status_code == 404, path
    assert not Ticket.objects.exists()


@pytest.mark.attack("G1")
def test_chat__of_another_visitor__is_404() -> None:
    other = said(started()[0]).chat
    client = frame(started()[1])
    assert post(client, "saw", {"chat": other.public_id, "delivered": 1, "read": 1}).status_code == 404
    assert post(client, "end", {"chat": other.public_id}).status_code == 404
    assert client.get("/chat/site/messages/", {"chat": other.public_id}).json()["messages"] == []
    other.refresh_from_db()
    assert other.ended_at is None


@pytest.mark.attack("G2")
@pytest.mark.parametrize("page", ["https://evil.test", ORIGIN, "null", "http://localhost.evil.test"])
def test_post__by_a_page_that_is_not_our_frame__is_403(page: str) -> None:
    _visitor, token = started()
    assert say(frame(token, page=page)).status_code == 403
    assert post(frame(page=page), "start", {"origin": ORIGIN}).status_code == 403
    assert Visitor.objects.count() == 1


@pytest.mark.attack("G2")
def test_frame__is_embedded_by_listed_origins_alone(inbox: ChatInbox) -> None:
    answer = Client().get("/chat/site/frame/")
    policy = answer.headers["Content-Security-Policy"]
    # Our own page shows it to who comes back by the link of a mail.
    assert f"frame-ancestors 'self' {ORIGIN};" in f"{policy};"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "X-Frame-Options" not in answer.headers
    assert "camera=()" in answer.headers["Permissions-Policy"]
    ChatInbox.objects.filter(pk=inbox.pk).update(allowed_origins=[])
    nowhere = Client().get("/chat/site/frame/").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self';" in f"{nowhere};"


def test_frame_and_loader__of_an_inbox_that_is_closed_or_unknown__are_404(inbox: ChatInbox) -> None:
    ChatInbox.objects.filter(pk=inbox.pk).update(is_active=False)
    for path in ("/chat/site/frame/", "/chat/site/loader.js", "/chat/no/frame/", "/chat/no/loader.js"):
        assert Client().get(path).status_code == 404, path


def test_loader__is_small_and_may_be_loaded_by_other_origins() -> None:
    answer = Client().get("/chat/site/loader.js")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert b"import" not in answer.content
    assert len(answer.content) < 3_000


@pytest.mark.parametrize("door", ["frame/", "loader.js"])
def test_frame_and_loader__for_a_browser_that_takes_gzip__are_compressed(door: str) -> None:
    plain, packed = (
        Client().get(f"/chat/site/{door}"),
        Client(headers={"accept-encoding": "gzip"}).get(f"/chat/site/{door}"),
    )
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) < len(plain.content)


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("zh-hans", "打开聊天"),
        ("zh-CN", "打开聊天"),
        ("en", "Open the chat"),
        ("xx", "Open the chat"),
        ("!", "Open the chat"),
    ],
)
def test_frame__asked_in_a_language__speaks_it(language: str, word: str) -> None:
    assert word in Client().get("/chat/site/frame/", {"lang": language}).content.decode()


@pytest.mark.attack("G4")
@pytest.mark.parametrize("field", ["email", "customer", "customer_id", "is_proven", "requester_address", "session"])
def test_body__field_that_names_somebody__is_refused(field: str) -> None:
    client = frame(started()[1])
    body = {"client_id": "id-000001", "text": "Hello", field: "mina@example.com"}
    assert post(client, "say", body).status_code == 400
    assert post(frame(), "start", {"origin": ORIGIN, field: "mina@example.com"}).status_code == 400
    assert not Ticket.objects.exists()


def test_start__with_a_portal_session_of_this_browser__is_that_customer() -> None:
    mina = portal_customer()
    client = frame()
    open_portal(client, mina)
    begun = post(client, "start", {"origin": ORIGIN})
    assert begun.json()["is_proven"] is True
    assert Visitor.objects.get().customer == mina


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"client_id": "id-000001", "text": ""}, 422), ({"client_id": "short", "text": "Hi"}, 400),
        ({"client_id": "id 000001", "text": "Hi"}, 400), ({"text": "Hi"}, 400), ([], 400),
        ({"client_id": "id-000001", "text": "x" * 20_001}, 400), ({"client_id": "id-000001", "text": "x" * 70_000}, 413),
    ],
)  # fmt: skip
def test_say__what_cannot_be_taken__is_a_problem_document(body: Any, status: int) -> None:
    answer = post(frame(started()[1]), "say", body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert not Ticket.objects.exists()


def test_say__unstorable_characters__are_left_out() -> None:
    told = say(frame(started()[1]), "a\u0000b").json()
    assert told["message"]["parts"][0]["text"] == "ab"


@pytest.mark.attack("G3")
def test_say__hundred_and_first_message_within_a_minute__is_429() -> None:
    visitor, token = started()
    for _call in range(settings.CHAT_CALLS_PER_MIN["say"]):
        rate_limits.spend(scope="chat:say", who=visitor.public_id, limit=100)
    answer = say(frame(token))
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert say(frame(started()[1])).status_code == 201


@pytest.mark.attack("G3")
def test_start__thirty_one_visitors_of_one_address_within_a_minute__is_429() -> None:
    codes = [post(frame(), "start", {"origin": ORIGIN}).status_code for _call in range(31)]
    assert codes == [201] * 30 + [429]
