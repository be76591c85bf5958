"""From an update to the case: messages, files, albums, corrections, commands, and what goes to review."""

from typing import Any

import pytest

from accounts.models import CustomerAddress, Staff
from tests.integration.tickets.social.conftest import Hook, message, update
from tests.support.small_telegram import SmallTelegram
from tickets.models import Message, SocialAccount, SocialEvent, SocialPost, Ticket
from tickets.models.ticket import Status
from tickets.selectors import timeline
from tickets.services import errors, social_review

PHOTO = [
    {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 90, "file_size": 3},
    {"file_id": "large", "file_unique_id": "l", "width": 800, "height": 800, "file_size": 9},
]


def files_of(said: Message) -> list[str]:
    return [row.stored.name for row in said.attachments.kept()]


def test_message__first_of_a_person__opens_a_case_of_somebody_unproven(hook: Hook) -> None:
    row = hook.take(update(message=message()))
    ticket = Ticket.objects.get()
    assert row.state == "processed"
    assert row.message == ticket.messages.get(kind="reply")
    assert (ticket.channel, ticket.subject, ticket.is_requester_proven) == ("social", "Where is my deposit?", False)
    assert ticket.requester_address == "telegram:1111"
    address = CustomerAddress.objects.get(customer=ticket.requester)
    assert (address.kind, address.value, address.proof) == ("handle", "telegram:1111", "claimed")
    said = ticket.messages.get(kind="reply")
    assert (said.sender_name, said.is_sender_proven, said.proof) == ("Mina Park", False, "")


def test_message__second__joins_the_open_case(hook: Hook) -> None:
    hook.take(update(message=message()))
    hook.take(update(10001, message=message("Hello?", number=1366)))
    assert [one.text for one in Ticket.objects.get().messages.filter(kind="reply")] == [
        "Where is my deposit?",
        "Hello?",
    ]


def test_message__after_the_case_was_closed__opens_one_that_follows(hook: Hook) -> None:
    hook.take(update(message=message()))
    Ticket.objects.update(status=Status.CLOSED)
    hook.take(update(10001, message=message("Again", number=1366)))
    first, second = Ticket.objects.order_by("pk")
    assert second.follow_up_of == first
    hook.take(update(10002, message=message("And again", number=1367)))
    assert second.messages.filter(kind="reply").count() == 2


def test_messages__later_one_is_handled_first__order_is_kept(hook: Hook) -> None:
    for place in range(3):
        assert hook.post(update(10000 + place, message=message(f"{place}", number=2000 + place))) == 200
    from tickets.services import social_intake

    social_intake.accept(event_pk=SocialEvent.objects.latest("pk").pk)
    assert [one.text for one in Message.objects.filter(kind="reply").order_by("seq")] == ["0", "1", "2"]


def test_message__somebody_elses_name_and_language__proves_nothing(hook: Hook) -> None:
    hook.take(update(message=message()))
    liar = {"id": 2222, "is_bot": False, "first_name": "Mina", "last_name": "Park", "username": "mina"}
    chat = {"id": 2222, "type": "private"}
    hook.take(update(10001, message=message("It is me", number=5, chat=chat) | {"from": liar}))
    mine, theirs = Ticket.objects.order_by("pk")
    assert mine.requester != theirs.requester
    assert not theirs.is_requester_proven


def test_message__codes_in_it__are_masked(hook: Hook) -> None:
    hook.take(update(message=message("My verification code is 482913")))
    assert "482913" not in Message.objects.get(kind="reply").text


def test_photo__with_caption__largest_size_is_attached(hook: Hook, telegram: SmallTelegram) -> None:
    telegram.put("large", b"\xff\xd8\xff\xe0 jpeg", path="photos/file_7.jpg")
    hook.take(update(message=message("", photo=PHOTO, caption="See here")))
    said = Message.objects.get(kind="reply")
    assert (said.text, files_of(said)) == ("See here", ["photo-1365.jpg"])
    assert telegram.of("getFile") == [{"file_id": "large"}]


@pytest.mark.parametrize("kind", ["document", "voice", "video", "audio", "video_note", "animation"])
def test_file__each_kind__is_attached(hook: Hook, telegram: SmallTelegram, kind: str) -> None:
    telegram.put("one", b"content")
    more: dict[str, Any] = {kind: {"file_id": "one", "file_size": 7}}
    hook.take(update(message=message("", **more)))
    assert len(files_of(Message.objects.get(kind="reply"))) == 1


@pytest.mark.parametrize(
    "path",
    [
        "../../bot/getMe",
        "http://169.254.169.254/x",
        "//169.254.169.254/x",
        "/etc/passwd",
        "a?b",
        "a@b:1/c",
        "a\r\nHost: x",
        "",
    ],
)
def test_file__path_that_leads_elsewhere__is_not_fetched(hook: Hook, telegram: SmallTelegram, path: str) -> None:
    telegram.files["one"] = path
    hook.take(update(message=message("", document={"file_id": "one", "file_name": "proof.pdf"})))
    assert telegram.of("file") == []
    said = Message.objects.get(kind="reply")
    assert files_of(said) == []
    assert Message.objects.filter(event="files_left_out").count() == 1


def test_file__too_large__message_comes_without_it(hook: Hook, telegram: SmallTelegram) -> None:
    big = {"file_id": "big", "file_name": "film.mp4", "file_size": 21 * 1024 * 1024}
    hook.take(update(message=message("", document=big, caption="Look")))
    assert (Message.objects.get(kind="reply").text, telegram.asked) == ("Look", [])
    assert Message.objects.get(event="files_left_out").event_data["names"] == "film.mp4"


def test_file__vendor_is_away__message_waits_and_is_not_lost(hook: Hook, telegram: SmallTelegram) -> None:
    telegram.put("one", b"content")
    telegram.refuse("getFile", 502, "Bad Gateway")
    row = hook.take(update(message=message("", document={"file_id": "one", "file_name": "a.txt"})))
    assert (row.state, row.attempts, row.last_error) == ("stored", 1, "VendorAway")
    from tickets.services import social_intake

    SocialEvent.objects.update(next_attempt_at="2020-01-01T00:00:00Z")
    social_intake.accept(event_pk=row.pk)
    assert files_of(Message.objects.get(kind="reply")) == ["a.txt"]


def test_album__pictures_one_after_the_other__are_one_message(hook: Hook, telegram: SmallTelegram) -> None:
    telegram.put("large", b"\xff\xd8\xff\xe0 jpeg", path="photos/file_7.jpg")
    album: dict[str, Any] = {"photo": PHOTO, "media_group_id": "g1"}
    hook.take(update(message=message("", **album)))
    hook.take(update(10001, message=message("", number=1366, caption="Both", **album)))
    said = Message.objects.get(kind="reply")
    assert (said.text, files_of(said)) == ("Both", ["photo-1365.jpg", "photo-1366.jpg"])


def test_correction__of_a_wordless_picture_of_an_album__leaves_the_others_words(
    hook: Hook, telegram: SmallTelegram
) -> None:
    telegram.put("large", b"\xff\xd8\xff\xe0 jpeg", path="photos/file_7.jpg")
    album: dict[str, Any] = {"photo": PHOTO, "media_group_id": "g1"}
    hook.take(update(message=message("", caption="Both", **album)))
    hook.take(update(10001, message=message("", number=1366, **album)))
    hook.take(update(10002, edited_message=message("", number=1366, edit_date=1441645600, **album)))
    assert Message.objects.get(kind="reply").text == "Both"


def test_correction__of_a_message__replaces_it_and_keeps_what_it_said(hook: Hook) -> None:
    hook.take(update(message=message()))
    hook.take(update(10001, edited_message=message("Where are my deposits?", edit_date=1441645600)))
    ticket = Ticket.objects.get()
    assert ticket.messages.get(kind="reply").text == "Where are my deposits?"
    assert ticket.messages.get(event="message_corrected").text == "Where is my deposit?"
    shown = timeline.latest(ticket).messages
    assert shown[0].is_corrected


def test_correction__before_its_message__both_come_to_one(hook: Hook) -> None:
    hook.take(update(10001, edited_message=message("Now")))
    hook.take(update(10000, message=message("Before")))
    assert Message.objects.get(kind="reply").text == "Now"
    assert Message.objects.get(event="message_corrected").text == "Before"


@pytest.mark.parametrize(
    ("text", "word"), [("/start", "requests"), ("/start abc", "requests"), ("/verify@pharos_bot", "prove")]
)
def test_command__is_answered_with_fixed_words_and_opens_nothing(hook: Hook, text: str, word: str) -> None:
    hook.take(update(message=message(text)))
    post = SocialPost.objects.get()
    assert word in post.text
    assert "/portal/" in post.text
    assert "abc" not in post.text
    assert not Ticket.objects.exists()


def test_command__again_at_once__is_answered_once(hook: Hook) -> None:
    for place in range(5):
        hook.take(update(10000 + place, message=message("/start", number=place + 1)))
    assert SocialPost.objects.count() == 1


def test_command__in_another_language__is_answered_in_it(hook: Hook) -> None:
    user = {"id": 1111, "is_bot": False, "first_name": "Li", "language_code": "zh-hans"}
    hook.take(update(message=message("/verify") | {"from": user}))
    assert "交易所" in SocialPost.objects.get().text


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ({"message": message(chat={"id": -5, "type": "group"})}, "not_to_us"),
        ({"channel_post": {"message_id": 1}}, "not_wanted"),
        ({"message": message("", pinned_message={})}, "service_message"),
        ({"message": message() | {"from": {"id": 9, "is_bot": True, "first_name": "B"}}}, "from_a_bot"),
    ],
)
def test_update__that_is_none_of_ours__is_left_at_that(hook: Hook, what: dict[str, Any], reason: str) -> None:
    row = hook.take(update(**what))
    assert (row.state, row.reason) == ("ignored", reason)
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    "broken", [[], "x", {"message_id": "1"}, {"message_id": 1}, {"message_id": 1, "chat": {"id": 1, "type": "private"}}]
)
def test_update__that_cannot_be_read__goes_to_review(hook: Hook, broken: object) -> None:
    row = hook.take(update(message=broken))
    assert (row.state, row.reason) == ("quarantined", "unreadable")


def test_update__unstorable_signs__are_taken(hook: Hook) -> None:
    raw = update(message=message("a\x00b")).replace(b"Mina", b"\\ud800Mi\\u0000na")
    assert hook.take(raw).state == "processed"


def test_review__tried_again__is_read_again_and_recorded(hook: Hook, admin: Staff) -> None:
    row = hook.take(update(message=[]))
    social_review.retry(event=row, by=admin)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("stored", 0)
    with pytest.raises(errors.Refused):
        social_review.ignore(event=row, by=admin)


def test_account__its_team_and_brand__are_the_cases(hook: Hook, account: SocialAccount, vendor_team: object) -> None:
    SocialAccount.objects.filter(pk=account.pk).update(team=vendor_team)
    hook.take(update(message=message()))
    assert Ticket.objects.get().team == vendor_team
