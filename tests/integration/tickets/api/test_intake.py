"""Raw mail over HTTP: kept at once, the same bytes once, what became of it, and never anybody's proof."""

import gc
import tracemalloc

import pytest
from pytest_django import Settings

from accounts.models import Staff
from tests.integration.tickets.api.conftest import Caller, Calling, problem
from tests.support.letters import letter
from tickets.api import intake as intake_door
from tickets.models import InboundMail, Mailbox, Message, Ticket
from tickets.services import intake, raw_mail

pytestmark = pytest.mark.django_db
RFC822 = "message/rfc822"


@pytest.fixture
def door(agent: Staff, calling: Calling, mailbox: Mailbox) -> Caller:
    return calling(agent, "intake")


def path(mailbox: str) -> str:
    return f"/api/v1/intake/email/{mailbox}/"


def state(door: Caller, public_id: str) -> dict[str, object]:
    answer = door.get(f"/api/v1/intake/email/messages/{public_id}/")
    assert answer.status_code == 200
    found: dict[str, object] = answer.json()
    assert found.keys() == {"state", "reason", "ticket", "message_seq"}
    return found


def test_intake__new_mail__is_202_then_the_same_bytes_are_200_with_the_same_id(door: Caller) -> None:
    raw = letter()
    first, again = door.post(path("support"), raw, RFC822), door.post(path("support"), raw, RFC822)
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == {"id": first.json()["id"], "state": "stored"}
    assert again.json()["id"] == first.json()["id"]
    assert InboundMail.objects.count() == 1
    assert state(door, first.json()["id"]) == {"state": "stored", "reason": "", "ticket": None, "message_seq": None}


def test_intake__large_mail__is_let_go_of_with_its_answer(door: Caller) -> None:
    raw = letter(text="x" * 3_000_000)
    gc.disable()  # a request is a cycle of references: whether the collector comes by is chance
    tracemalloc.start()
    try:
        assert door.post(path("support"), raw, RFC822).status_code == 202
        held = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(True, intake_door.__file__)])
    finally:
        tracemalloc.stop()
        gc.enable()
    assert sum(one.size for one in held.statistics("filename")) < 100_000


def test_intake__handled__names_ticket_and_message_and_proves_nobody(door: Caller) -> None:
    raw = letter()
    public_id = door.post(path("support"), raw, RFC822).json()["id"]
    intake.accept(inbound_pk=InboundMail.objects.get().pk)
    ticket = Ticket.objects.get()
    seq = Message.objects.get(kind="reply").seq
    assert state(door, public_id) == {
        "state": "processed",
        "reason": "",
        "ticket": ticket.public_id,
        "message_seq": seq,
    }
    assert not ticket.is_requester_proven
    assert not Message.objects.get(kind="reply").is_sender_proven
    assert door.post(path("support"), raw, RFC822).json() == {"id": public_id, "state": "processed"}


@pytest.mark.parametrize(
    ("raw", "found", "reason"),
    [
        (letter(sender="a@good.example <b@evil.example>"), "quarantined", ""),
        (letter(headers={"List-Id": "<news.example.com>"}), "quarantined", "bulk"),
        (letter(sender="Support <support@pharos.test>"), "quarantined", "from_our_own_address"),
    ],
)
def test_intake__held_back__says_so_and_why(door: Caller, raw: bytes, found: str, reason: str) -> None:
    public_id = door.post(path("support"), raw, RFC822).json()["id"]
    intake.accept(inbound_pk=InboundMail.objects.get().pk)
    told = state(door, public_id)
    assert (told["state"], told["ticket"]) == (found, None)
    assert told["reason"]
    assert not reason or told["reason"] == reason


def test_intake__by_address_in_any_case__is_the_same_mailbox(door: Caller, mailbox: Mailbox) -> None:
    assert door.post(path("Support@Pharos.test"), letter(), RFC822).status_code == 202
    assert InboundMail.objects.get().mailbox_id == mailbox.pk


def test_intake__known_by_another_door__is_200_and_its_state_can_be_asked(door: Caller, mailbox: Mailbox) -> None:
    raw = letter()
    row, _ = raw_mail.store(
        mailbox=mailbox, raw=raw, source="smtp", envelope_from="", envelope_to=mailbox.address, peer_is_trusted=True
    )
    answer = door.post(path("support"), raw, RFC822)
    assert (answer.status_code, answer.json()["id"]) == (200, row.public_id)
    assert state(door, row.public_id)["state"] == "stored"


@pytest.mark.parametrize("mailbox_name", ["nobody", "nobody@pharos.test", "support%01", "x" * 300])
def test_intake__unknown_mailbox__is_404(door: Caller, mailbox_name: str) -> None:
    problem(door.post(path(mailbox_name), letter(), RFC822), 404)
    assert not InboundMail.objects.exists()


@pytest.mark.parametrize("mailbox_name", ["%00", "support%00"])
def test_intake__nul_in_the_mailbox__is_400_and_keeps_nothing(door: Caller, mailbox_name: str) -> None:
    problem(door.post(path(mailbox_name), letter(), RFC822), 400, "unstorable_character")
    assert not InboundMail.objects.exists()


def test_intake__mailbox_out_of_use__is_404(door: Caller) -> None:
    Mailbox.objects.update(is_active=False)
    problem(door.post(path("support"), letter(), RFC822), 404)


@pytest.mark.parametrize("raw", [b"", b"\r\n \r\n"])
def test_intake__nothing__is_400(door: Caller, raw: bytes) -> None:
    problem(door.post(path("support"), raw, RFC822), 400, "empty_mail")


def test_intake__too_large__is_413_and_not_kept(door: Caller, settings: Settings) -> None:
    settings.MAX_MAIL_BYTES = 2_000
    problem(door.post(path("support"), letter(text="x" * 2_000), RFC822), 413, "body_too_large")
    assert not InboundMail.objects.exists()


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/octet-stream", ""])
def test_intake__other_content_type__is_415(door: Caller, content_type: str) -> None:
    problem(door.post(path("support"), letter(), content_type), 415)


def test_intake__large_mail_while_another_is_taken_in__is_503_and_small_mail_goes_on(
    door: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_door, "LARGE_PATIENCE_S", 0.01)
    large = letter(text="x" * 3_000_000)
    with intake_door.one_large:
        refused = door.post(path("support"), large, RFC822)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert door.post(path("support"), letter(), RFC822).status_code == 202
    assert door.post(path("support"), large, RFC822).status_code == 202


def test_intake__unparsable_bytes__are_kept(door: Caller) -> None:
    answer = door.post(path("support"), b"\x00\xff" * 500, RFC822)
    assert answer.status_code == 202
    intake.accept(inbound_pk=InboundMail.objects.get().pk)
    assert state(door, answer.json()["id"])["state"] == "quarantined"


def test_intake__unknown_id__is_404(door: Caller) -> None:
    problem(door.get(f"/api/v1/intake/email/messages/{'a' * 20}/"), 404)


def test_intake__token_of_another_scope__is_403(agent: Staff, calling: Calling, mailbox: Mailbox) -> None:
    problem(calling(agent, "read", "write").post(path("support"), letter(), RFC822), 403)
    assert not InboundMail.objects.exists()
