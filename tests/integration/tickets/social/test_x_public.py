"""Conversations that everybody can read: what agents are told, what is held back, and the way to private."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Staff
from core.models import AuditEntry
from security import outbound_guard
from security.redaction import redact
from tests.cast import signed_in
from tests.integration.tickets.social.test_delivery import answer
from tests.support.x_events import XHook, direct, mentioned, post, told
from tickets.channels.x.counting import public_parts
from tickets.models import Draft, Message, SocialPost, Ticket
from tickets.selectors import social, timeline
from tickets.services import errors, public_replies, replies
from tickets.services.senders import NewFile, Sender

ADDRESS = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"


@pytest.fixture
def public(x_hook: XHook) -> Ticket:
    x_hook.take(mentioned(post()))
    return Ticket.objects.get()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The code was 482913: your verification code is 482913", "secret"),
        ("We wrote to mina@example.com", "contact"),
        ("Call +44 20 7946 0018", "contact"),
        ("Your 1.25 BTC have arrived", "funds"),
        ("your usdt 300 are there", "funds"),
        (f"See {'4a5e1e4b' * 8}", "funds"),
        ("sehr " * 201, "length"),
    ],
)
def test_public_answer__with_data__is_held_back_and_recorded(
    public: Ticket, agent: Staff, text: str, code: str
) -> None:
    with pytest.raises(errors.NotInPublic) as refused:
        answer(public, agent, text)
    assert refused.value.found == {code}
    assert not SocialPost.objects.exists()
    assert AuditEntry.objects.filter(action="message.held_back").exists()


def test_public_answer__with_a_file__is_held_back(public: Ticket, agent: Staff) -> None:
    with pytest.raises(errors.NotInPublic) as refused:
        answer(public, agent, "See", NewFile(name="a.png", content=b"\x89PNG"))
    assert refused.value.found == {"file"}


@pytest.mark.parametrize("text", [f"Send it to {ADDRESS}", "Tell us your password", "See https://phishing.test/"])
def test_public_answer__that_nobody_may_send__is_held_back(public: Ticket, agent: Staff, text: str) -> None:
    with pytest.raises(errors.NotToBeSent):
        answer(public, agent, text)


def test_public_answer__by_a_bot__is_held_back_too(public: Ticket) -> None:
    with pytest.raises(errors.NotInPublic):
        replies.add(
            ticket=public, sender=Sender.of_bot("Helper"), channel="social", words=replies.Words(text="You have 3 ETH")
        )


@pytest.mark.parametrize("text", ["Thank you, we look into it.", "Deposits on Bitcoin take 3 confirmations."])
def test_public_answer__without_data__is_owed(public: Ticket, agent: Staff, text: str) -> None:
    assert answer(public, agent, text).state == "queued"


def test_private_answer_and_note__may_hold_it(x_hook: XHook, public: Ticket, agent: Staff) -> None:
    x_hook.take(told(direct()))
    private = Ticket.objects.latest("pk")
    assert answer(private, agent, "Your 1.25 BTC have arrived").state == "queued"
    replies.add_note(ticket=public, author=agent, text="They have 1.25 BTC, mina@example.com")


def test_mention__with_secrets__is_masked(x_hook: XHook) -> None:
    x_hook.take(mentioned(post("@PharosHelp My verification code is 482913")))
    assert "482913" not in Message.objects.get(kind="reply").text


def test_timeline__says_who_answered_and_as_whom(public: Ticket, agent: Staff) -> None:
    answer(public, agent)
    said = next(one for one in timeline.latest(public).messages if one.direction == "out" and one.kind == "reply")
    assert (said.sender.name, said.to, said.is_public) == (agent.name, ("X · Pharos at X",), True)


def test_desk__says_so_before_and_beside(public: Ticket, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    page = client.get(reverse("desk:ticket", args=[public.public_id])).content.decode()
    assert 'id="composer-public"' in page
    assert 'aria-describedby="composer-public"' in page
    assert page.count("Everybody can read it") >= 1


def test_desk__private_conversation__says_nothing_of_it(x_hook: XHook, agent: Staff) -> None:
    x_hook.take(told(direct()))
    page = (
        signed_in(Client(), agent).get(reverse("desk:ticket", args=[Ticket.objects.get().public_id])).content.decode()
    )
    assert "composer-public" not in page
    assert "Everybody" not in page


def test_composer__refused_text__stays(public: Ticket, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    url = reverse("desk:reply", args=[public.public_id])
    refused = client.post(
        url, {"body": "We wrote to mina@example.com"}, headers={"HX-Request": "true", "HX-Request-Type": "partial"}
    )
    assert refused.status_code == 422
    assert "email address or a phone number" in refused.content.decode()
    assert "We wrote to mina@example.com" in refused.content.decode()
    assert not Draft.objects.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh", "tr", ""])
def test_words_to_move__in_their_language__may_stand_in_public(public: Ticket, agent: Staff, language: str) -> None:
    words = social.words_to_move(language)
    assert ("私信" in words) is language.startswith("zh")
    assert not outbound_guard.dangers(words)
    assert not redact(words).findings
    assert len(public_parts(words)) == 1
    assert public_replies.is_public(public)
    with translation.override("zh-hans"):
        assert answer(public, agent, words).state == "queued"
