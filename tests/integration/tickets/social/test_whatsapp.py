"""WhatsApp, both ways: messages, media, what became of ours; what is sent and what Meta's answers lead to."""

import pytest
from pytest_django import Settings

from accounts.models import Staff
from tests.integration.tickets.social.meta_samples import (
    CALLER,
    NUMBER,
    MetaHook,
    answer,
    send,
    wa_message,
    wa_said,
    wa_status,
)
from tests.support.small_meta import SmallMeta
from tests.support.small_telegram import HANGS_UP
from tickets.channels.meta import outcomes
from tickets.channels.social.shapes import WINDOW_OVER
from tickets.models import Message, SocialAccount, SocialEvent, Ticket
from tickets.selectors import timeline
from tickets.services import social_accounts, social_deliveries, social_intake
from tickets.services.senders import NewFile


@pytest.fixture
def ticket(whatsapp: MetaHook, settings: Settings) -> Ticket:
    settings.UNDO_SEND_S = 0
    whatsapp.take(wa_said())
    return Ticket.objects.get()


def test_message__opens_a_case_of_somebody_unproven(ticket: Ticket) -> None:
    assert (ticket.requester_address, ticket.is_requester_proven) == (f"whatsapp:{CALLER}", False)
    said = ticket.messages.get(kind="reply")
    assert (said.text, said.sender_name, said.is_sender_proven) == ("Where is my deposit?", "Sheena Nelson", False)


def test_media__is_asked_for_by_its_number_with_the_token_in_the_header(whatsapp: MetaHook, meta: SmallMeta) -> None:
    meta.put_media("1003383421387256", b"\xff\xd8\xff\xe0 jpeg")
    picture = {"caption": "See", "mime_type": "image/jpeg", "sha256": "x", "id": "1003383421387256"}
    whatsapp.take(wa_said(wa_message("image", image=picture)))
    said = Message.objects.get(kind="reply")
    assert (said.text, [row.stored.name for row in said.attachments.all()]) == ("See", ["photo.jpg"])
    assert [name for name, _ in meta.asked] == ["1003383421387256", "1003383421387256"]


@pytest.mark.attack("F1")
@pytest.mark.parametrize("url", ["http://169.254.169.254/x", "https://lookaside.fbsbx.com.evil.example/x", 7, None])
def test_media__address_elsewhere__gets_neither_a_visit_nor_the_token(
    whatsapp: MetaHook, meta: SmallMeta, url: object
) -> None:
    meta.things["/55"] = {"url": url, "file_size": 3}
    whatsapp.take(wa_said(wa_message("document", document={"id": "55", "filename": "proof.pdf"})))
    assert not Message.objects.get(kind="reply").attachments.exists()
    assert [name for name, _ in meta.asked] == ["55"]


def test_media__number_that_is_a_path__is_not_asked_for(whatsapp: MetaHook, meta: SmallMeta) -> None:
    whatsapp.take(wa_said(wa_message("document", document={"id": "../me?x=", "filename": "proof.pdf"})))
    assert meta.asked == []


def test_media__too_large__message_comes_without_it(whatsapp: MetaHook, meta: SmallMeta) -> None:
    meta.things["/55"] = {"url": f"{meta.url}/files/55", "file_size": 90 * 1024 * 1024}
    whatsapp.take(wa_said(wa_message("video", video={"id": "55", "mime_type": "video/mp4"})))
    assert Message.objects.get(event="files_left_out").event_data["names"] == "video.mp4"


def test_media__meta_is_away__message_waits_and_is_not_lost(whatsapp: MetaHook, meta: SmallMeta) -> None:
    meta.put_media("55", b"hello")
    meta.plan("55", (502, {}))
    row = whatsapp.take(wa_said(wa_message("document", document={"id": "55", "filename": "a.txt"})))
    assert row.state == "stored"
    SocialEvent.objects.update(next_attempt_at="2020-01-01T00:00:00Z")
    social_intake.accept_waiting()
    assert Message.objects.get(kind="reply").attachments.count() == 1


def test_edit_and_deletion__are_on_the_timeline(whatsapp: MetaHook, ticket: Ticket) -> None:
    edit = {"original_message_id": "wamid.HBgLMTY1", "message": {"type": "text", "text": {"body": "Where are they?"}}}
    whatsapp.take(wa_said(wa_message("edit", wamid="wamid.2", edit=edit)))
    assert ticket.messages.get(kind="reply").text == "Where are they?"
    whatsapp.take(wa_said(wa_message("revoke", wamid="wamid.3", revoke={"original_message_id": "wamid.HBgLMTY1"})))
    assert ticket.messages.get(kind="reply").text == "Where are they?"
    assert ticket.messages.filter(event="message_taken_back").count() == 1


def test_reply__is_sent_as_text(ticket: Ticket, agent: Staff, meta: SmallMeta) -> None:
    post = send(answer(ticket, agent))
    assert meta.of("messages") == [
        {
            "path": f"/{NUMBER}/messages",
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": CALLER,
            "type": "text",
            "text": {"preview_url": False, "body": "It is on its way."},
        }
    ]
    assert (post.state, post.external_ids) == ("sent", ["wamid.sent-1"])


def test_reply__long_text__is_cut_at_4096(ticket: Ticket, agent: Staff, meta: SmallMeta) -> None:
    send(answer(ticket, agent, "zzz " * 1200))
    assert [len(sent["text"]["body"]) <= 4096 for sent in meta.of("messages")] == [True] * 2


def test_reply__with_files__each_is_uploaded_then_sent(ticket: Ticket, agent: Staff, meta: SmallMeta) -> None:
    picture = NewFile(name="a.png", content=b"\x89PNG\r\n\x1a\n" + b"\x00" * 20)
    post = send(answer(ticket, agent, "See", picture, NewFile(name="b.pdf", content=b"%PDF-1.4 x")))
    assert post.state == "sent"
    assert [upload["file"][0] for upload in meta.of("media")] == ["a.png", "b.pdf"]
    _, shown, paper = meta.of("messages")
    assert (shown["type"], set(shown["image"])) == ("image", {"id"})
    assert (paper["type"], paper["document"]["filename"]) == ("document", "b.pdf")


def test_reply__upload_gets_no_answer__nothing_may_have_arrived(ticket: Ticket, agent: Staff, meta: SmallMeta) -> None:
    meta.plan("media", HANGS_UP)
    post = send(answer(ticket, agent, "See", NewFile(name="b.pdf", content=b"%PDF-1.4 x")))
    assert (post.state, post.parts_sent, post.unanswered) == ("queued", 1, 0)
    assert send(post).state == "sent"
    assert len(meta.of("messages")) == 2


def test_reply__sending_gets_no_answer__is_sent_once_more_and_no_more(
    ticket: Ticket, agent: Staff, meta: SmallMeta
) -> None:
    meta.plan("messages", HANGS_UP, HANGS_UP)
    assert send(answer(ticket, agent)).state == "queued"
    post = ticket.messages.get(direction="out", kind="reply").social_post
    assert send(post).state == "failed"
    assert len(meta.of("messages")) == 2


@pytest.mark.parametrize(("code", "rests"), [(80007, True), (130429, True), (131056, False)])
def test_reply__rate_limit__waits_alone_or_with_the_account(
    ticket: Ticket, agent: Staff, meta: SmallMeta, code: int, rests: bool
) -> None:
    meta.refuse("messages", code, "Rate limit hit")
    other = answer(ticket, agent, "Another")
    due = other.next_attempt_at
    post = send(answer(ticket, agent))
    other.refresh_from_db()
    assert post.state == "queued"
    assert (other.next_attempt_at > due) == rests
    assert send(post).state == "sent"


@pytest.mark.parametrize(("status", "code"), [(500, 0), (400, 131000), (400, 131016)])
def test_reply__passing_trouble__is_sent_later(
    ticket: Ticket, agent: Staff, meta: SmallMeta, status: int, code: int
) -> None:
    meta.plan("messages", (status, {"error": {"code": code, "message": "Something went wrong"}}))
    post = send(answer(ticket, agent))
    assert (post.state, post.unanswered) == ("queued", 0)
    assert send(post).state == "sent"


@pytest.mark.parametrize(("code", "sentence"), [(131047, WINDOW_OVER), (131026, outcomes.NOT_REACHED)])
def test_reply__refused__failed_with_a_plain_sentence(
    ticket: Ticket, agent: Staff, meta: SmallMeta, code: int, sentence: str
) -> None:
    meta.refuse("messages", code, "(#1) No")
    post = send(answer(ticket, agent))
    assert (post.state, post.detail) == ("failed", sentence)


def test_statuses__in_any_order__never_go_back(
    whatsapp: MetaHook, ticket: Ticket, agent: Staff, meta: SmallMeta
) -> None:
    post = send(answer(ticket, agent))
    (wamid,) = post.external_ids
    for state, shown in (("sent", "sent"), ("read", "read"), ("delivered", "read")):
        whatsapp.take(wa_status(wamid, state))
        told = next(one for one in timeline.latest(ticket).messages if one.delivery is not None)
        assert told.delivery is not None
        assert told.delivery.state == shown


def test_status__of_one_part_of_several__is_not_the_whole(
    whatsapp: MetaHook, ticket: Ticket, agent: Staff, meta: SmallMeta
) -> None:
    post = send(answer(ticket, agent, "zzz " * 1200))
    whatsapp.take(wa_status(post.external_ids[0], "read"))
    post.refresh_from_db()
    assert post.read_at is None
    whatsapp.take(wa_status(post.external_ids[1], "read"))
    post.refresh_from_db()
    assert post.read_at is not None


def test_status__failed_after_it_was_taken__is_on_the_timeline_and_can_be_sent_again(
    whatsapp: MetaHook, ticket: Ticket, agent: Staff, meta: SmallMeta
) -> None:
    post = send(answer(ticket, agent))
    error = {
        "code": 131049,
        "title": "Not delivered",
        "error_data": {"details": "In order to maintain a healthy ecosystem"},
    }
    whatsapp.take(wa_status(post.external_ids[0], "failed", errors=[error]))
    post.refresh_from_db()
    assert (post.state, post.detail) == ("failed", "Meta says 131049: In order to maintain a healthy ecosystem")
    assert Message.objects.filter(event="post_failed").count() == 1
    social_deliveries.retry(post=post, by=agent)
    assert send(post).state == "sent"
    assert len(meta.of("messages")) == 2


def test_connection__is_tried_and_the_webhook_is_set(whatsapp: MetaHook, meta: SmallMeta, admin: Staff) -> None:
    meta.things[f"/{NUMBER}"] = {"display_phone_number": "+1 555 0783881", "verified_name": "Pharos"}
    assert social_accounts.test_connection(account=whatsapp.account, by=admin) == "+1 555 0783881 · Pharos"
    social_accounts.set_webhook(account=whatsapp.account, by=admin)
    (_, told) = meta.asked
    assert told[1]["webhook_configuration"]["override_callback_uri"] == social_accounts.hook_url(whatsapp.account)
    assert SocialAccount.objects.get().inbound == "webhook"
