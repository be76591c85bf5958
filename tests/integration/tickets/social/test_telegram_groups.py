"""Groups at Telegram: what is said to us there, answered in public and marked as ours; the rest is let go."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Staff, Team
from tests.integration.tickets.social.conftest import Hook, message, update
from tests.integration.tickets.social.test_delivery import answer, send
from tests.support.small_telegram import TOKEN, SmallTelegram
from tickets.models import Message, SocialAccount, SocialChat, SocialRoute, Ticket
from tickets.services import errors

GROUP = {"id": -1001234, "type": "supergroup", "title": "Pharos traders"}
BOT = {"id": int(TOKEN.partition(":")[0]), "is_bot": True, "first_name": "Pharos"}
OTTO = {"id": 2222, "is_bot": False, "first_name": "Otto"}


@pytest.fixture
def group(hook: Hook, settings: Settings) -> Hook:
    settings.UNDO_SEND_S = 0
    SocialAccount.objects.update(handle="@pharos_bot")
    return hook


def said(text: str, number: int = 7, **more: Any) -> bytes:
    return update(50_000 + number, message=message(text, number=number, chat=GROUP, **more))


@pytest.mark.parametrize("text", ["/support@Pharos_Bot Where is it?", "/ask Where is it?", "@pharos_bot Where is it?"])
def test_group__said_to_us__is_a_public_case_of_its_writer(group: Hook, text: str) -> None:
    row = group.take(said(text))
    assert (row.state, row.message is not None) == ("processed", True)
    chat, ticket = SocialChat.objects.get(), Ticket.objects.get()
    assert (chat.is_public, chat.external_id, ticket.is_requester_proven) == (True, "-1001234/7", False)
    assert ticket.messages.get(kind="reply").text.endswith("Where is it?")


@pytest.mark.parametrize(
    ("text", "more", "reason"),
    [
        ("Where is it?", {}, "not_to_us"),
        ("mail@pharos_bot.example?", {}, "not_to_us"),
        ("@pharos_bot_fake Where is it?", {}, "not_to_us"),
        ("/support@another_bot Where is it?", {}, "not_to_us"),
        ("/verify", {}, "not_to_us"),
        ("/support", {}, "no_question"),
        ("@pharos_bot Hello", {"from": {**OTTO, "is_bot": True}}, "from_a_bot"),
        ("@pharos_bot Hello", {"sender_chat": GROUP}, "not_a_person"),
    ],
)
def test_group__said_to_others_or_by_no_person__is_let_go(
    group: Hook, text: str, more: dict[str, Any], reason: str
) -> None:
    row = group.take(said(text, **more))
    assert (row.state, row.reason) == ("ignored", reason)
    assert not Ticket.objects.exists()


def test_group__answer__stands_below_says_it_is_official_and_leads_back(
    group: Hook, agent: Staff, telegram: SmallTelegram
) -> None:
    group.take(said("@pharos_bot Where is it?"))
    ticket = Ticket.objects.get()
    post = send(answer(ticket, agent, "It is on its way."))
    (sent,) = telegram.of("sendMessage")
    assert (sent["chat_id"], post.state) == ("-1001234", "sent")
    assert '"message_id": 7' in str(sent["reply_parameters"]).replace("'", '"')
    assert sent["text"].startswith("It is on its way.\n\nOfficial answer of Pharos Support.")
    ours = {"message_id": int(post.external_ids[0].partition("/")[2]), "from": BOT}
    group.take(said("Thank you", 8, reply_to_message=ours))
    assert ticket.messages.filter(kind="reply").count() == 3
    group.take(said("And mine?", 9, reply_to_message=ours, **{"from": OTTO}))
    other = Ticket.objects.latest("pk")
    assert (other != ticket, other.requester != ticket.requester) == (True, True)


def test_group__answer_with_personal_data__is_refused(group: Hook, agent: Staff) -> None:
    group.take(said("@pharos_bot Where is it?"))
    with pytest.raises(errors.Refused):
        answer(Ticket.objects.get(), agent, "Write to mina@example.com")


def test_group__watched__questions_are_taken_for_its_team_and_nothing_else(group: Hook) -> None:
    team = Team.objects.create(name="Community", slug="community")
    SocialRoute.objects.create(account=group.account, channel_id="1001234", team=team, is_watched_forum=True)
    assert group.take(said("Good morning")).state == "ignored"
    assert group.take(said("Why is my deposit late? Thanks", 8)).state == "processed"
    assert Ticket.objects.get().team == team


def test_group__corrected__is_on_the_timeline_although_we_are_named_no_more(group: Hook) -> None:
    group.take(said("@pharos_bot My deposit is late"))
    group.take(update(60_000, edited_message=message("My deposit is here", number=7, chat=GROUP)))
    group.take(update(60_001, edited_message=message("Chatter", number=6, chat=GROUP)))
    assert Message.objects.get(kind="reply").text == "My deposit is here"
    assert Message.objects.filter(event="message_corrected").count() == 1
