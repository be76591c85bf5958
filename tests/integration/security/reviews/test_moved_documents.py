"""Identity documents that were mailed: out of the case, into restricted storage, seen by drawn reviewers alone (C7)."""

import json
from base64 import encodebytes
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import IntegrityError, ProgrammingError
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Customer, Staff
from core.audit import SYSTEM
from core.models import AuditEntry, Notice, StoredFile
from security import inbound_tasks as security_tasks
from security.models import ManualReview, ReviewDocument
from security.services import api_tokens, review_documents
from security.services.review_documents import DocumentRefusedError
from tests.cast import signed_in
from tests.factories.customers import open_portal, portal_customer
from tests.factories.tickets import MailboxFactory
from tests.integration.security.reviews.conftest import Move, People
from tests.support.letters import letter
from tickets import inbound_tasks
from tickets.delivery import letters
from tickets.models import Attachment, InboundMail, Message, OutboundMail, Ticket
from tickets.services import errors, identity_documents, intake, raw_mail, records, replies
from tickets.services.senders import NewFile, Sender

pytestmark = pytest.mark.attack("C7")
Picture = Callable[[], bytes]
PDF = b"%PDF-1.7 a passport"


@pytest.fixture(autouse=True)
def restricted(tmp_path: Path, settings: Settings) -> Path:
    settings.RESTRICTED_ROOT = tmp_path / "restricted"
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "restricted"


def mailed(*files: tuple[str, str, bytes], subject: str = "My documents", **how: Any) -> Message:
    """Take in a mail of Mina's with these files (name, type, content); return its message."""
    parts = ["--b\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n"]
    for name, kind, content in files:
        parts.append(
            f"--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename={name}\r\n"
            f"Content-Transfer-Encoding: base64\r\n\r\n{encodebytes(content).decode()}"
        )
    raw = letter(text="\n".join([*parts, "--b--"]), content_type="multipart/mixed; boundary=b", subject=subject, **how)
    box = MailboxFactory.create(language="en")
    row, _is_new = raw_mail.store(
        mailbox=box, raw=raw, source="smtp", envelope_from="", envelope_to=box.address, peer_is_trusted=True
    )
    intake.accept(inbound_pk=row.pk)
    message = InboundMail.objects.get(pk=row.pk).message
    assert message is not None
    return message


def passport(picture: Picture, **how: Any) -> Message:
    return mailed(("passport.jpg", "image/jpeg", picture()), **how)


def mark(message: Message, person: Staff) -> Any:
    """Do what the button does."""
    path = reverse("desk:documents", args=[message.ticket.public_id, message.seq])
    files = list(message.attachments.values_list("public_id", flat=True))
    return signed_in(Client(), person).post(path, {"file": files}, headers={"HX-Request-Type": "partial"})


def moved(message: Message) -> ReviewDocument:
    """Do what the worker does with the message's only file."""
    row = message.attachments.get()
    inbound_tasks.move_document(row.pk)
    row.refresh_from_db()
    return ReviewDocument.objects.get(public_id=row.document)


def on_disk(root: Path | str) -> list[Path]:
    return [found for found in Path(root).rglob("*") if found.is_file()]


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def drawn(review: ManualReview) -> Staff:
    return review.draws.order_by("place")[0].reviewer


def everywhere(message: Message, row: Attachment, people: People, customer: Customer) -> dict[str, str]:
    """Return what each way to a file shows or answers: desk, links, API, portal, record."""
    ticket = message.ticket
    agent, mine = signed_in(Client(), people.agent), Client()
    open_portal(mine, customer)
    address = reverse("desk:attachment", args=[ticket.public_id, row.public_id])
    _token, secret = api_tokens.issue(person=people.agent, name="t", scopes=["read"], actor=SYSTEM)
    listed = Client().get(
        reverse("api:messages", args=[ticket.public_id]), headers={"authorization": f"Bearer {secret}"}
    )
    with records.archive(customer=customer, tickets=[ticket], carries_files=True) as made, ZipFile(made) as box:
        record = json.dumps([box.namelist(), box.read("record.json").decode()])
    return {
        "desk": words(agent.get(reverse("desk:ticket", args=[ticket.public_id]))),
        "file": str(agent.get(address).status_code),
        "preview": str(agent.get(f"{address}?preview=1").status_code),
        "api": words(listed),
        "portal": words(mine.get(reverse("portal:request", args=[ticket.public_id]))),
        "portal file": str(mine.get(reverse("portal:file", args=[ticket.public_id, row.public_id])).status_code),
        "record": record,
    }


def test_mark__mailed_picture__is_gone_for_everybody_at_once_and_then_for_good(
    people: People, customer: Customer, picture: Picture, restricted: Path
) -> None:
    message = passport(picture)
    assert message.customer == customer
    row = message.attachments.get()
    link_before = signed_in(Client(), people.agent).get(
        reverse("desk:attachment", args=[message.ticket.public_id, row.public_id])
    )
    kept_link = urlsplit(link_before.headers["Location"])
    before = everywhere(message, row, people, customer)
    assert all("passport.jpg" in before[name] for name in ("desk", "api", "portal", "record"))

    answer = mark(message, people.agent)

    assert answer.status_code == 200
    assert f"moved to restricted storage by {people.agent.name}" in words(answer)
    for _round in ("marked", "moved"):
        after = everywhere(message, row, people, customer)
        assert not [name for name, shown in after.items() if "passport.jpg" in shown]
        assert {after[name] for name in ("file", "preview", "portal file")} == {"404"}
        assert Client().get(kept_link.path, HTTP_HOST=kept_link.netloc).status_code == 404
        assert "moved to restricted storage by" in after["desk"]
        assert "Moved to restricted storage" in after["portal"]
        inbound_tasks.move_document(row.pk)

    row.refresh_from_db()
    document = ReviewDocument.objects.get(public_id=row.document)
    assert (row.file_id, document.customer, document.review, document.is_sender_proven) == (None, customer, None, True)
    assert (StoredFile.objects.count(), on_disk(settings.MEDIA_ROOT), len(on_disk(restricted))) == (0, [], 1)
    assert b"taken at home" not in on_disk(restricted)[0].read_bytes()
    assert bytes(InboundMail.objects.get(message=message).raw) == b""
    entries = AuditEntry.objects.filter(action__in=["attachment.restricted", "attachment.moved"])
    assert {entry.actor_id for entry in entries} == {people.agent.public_id}
    assert review_documents.shown(public_id=document.public_id, person=people.agent) is None


def test_review_opened_later__takes_what_waits__and_only_the_drawn_see_it(
    people: People, customer: Customer, picture: Picture, request: pytest.FixtureRequest
) -> None:
    message = passport(picture)
    mark(message, people.agent)
    document = moved(message)
    for person in people.seniors:
        assert review_documents.shown(public_id=document.public_id, person=person) is None

    review: ManualReview = request.getfixturevalue("review")

    document.refresh_from_db()
    assert document.review == review
    reviewers = {draw.reviewer_id for draw in review.draws.all()}
    for person in (people.agent, *people.seniors):
        shown = review_documents.shown(public_id=document.public_id, person=person)
        assert (shown is not None) == (person.pk in reviewers)
    page = signed_in(Client(), drawn(review)).get(reverse("desk:review", args=[review.public_id]))
    assert "Moved out of a message; its sender is proven." in words(page)
    assert AuditEntry.objects.filter(action="manual_review.document_viewed").count() == len(reviewers)


def test_mailed__while_a_review_is_open__is_moved_by_itself_and_the_customer_is_told_once(
    people: People, review: ManualReview, picture: Picture
) -> None:
    message = mailed(("IMG_1.jpg", "image/jpeg", picture()), ("IMG_2.jpg", "image/jpeg", picture() + b" "))
    assert not message.attachments.kept().exists()
    notices = Notice.objects.filter(kind="customer_security").count()
    for row in message.attachments.all():
        assert inbound_tasks.move_document(row.pk) is None
    kinds = ReviewDocument.objects.filter(review=review).values_list("kind", "is_sender_proven", "is_picture")
    assert list(kinds) == [("mailed", True, True)] * 2
    assert Notice.objects.filter(kind="customer_security").count() == notices + 1
    told = Notice.objects.latest("pk").body
    assert told is not None
    assert "Please do not mail such pictures" in told
    link = next(word for word in told.split() if "/portal/reviews/" in word)
    assert "2 pictures are with us" in words(Client().get(urlsplit(link).path))
    desk = words(signed_in(Client(), people.agent).get(reverse("desk:ticket", args=[message.ticket.public_id])))
    assert desk.count("moved to restricted storage by itself") == 2


def test_mailed__by_a_stranger_into_the_case__says_that_nobody_proved_it(
    people: People, review: ManualReview, customer: Customer, picture: Picture
) -> None:
    ticket = mailed(("a.txt", "text/plain", b"words")).ticket
    stranger = Sender(role="third_party", customer=None, name="S", address="s@example.org", is_proven=False, proof="")
    said = replies.add(
        ticket=ticket, sender=stranger, channel="email", words=replies.Words(text="It is me"),
        attached=[NewFile(name="a.jpg", content=picture(), content_id="", is_inline=False)],
    )  # fmt: skip
    document = moved(said)
    assert (document.customer, document.review, document.is_sender_proven) == (customer, review, False)
    page = signed_in(Client(), drawn(review)).get(reverse("desk:review", args=[review.public_id]))
    assert "who sent it is not proven" in words(page)


def test_mailed__text_and_the_logo_of_a_signature__stay(review: ManualReview) -> None:
    message = mailed(("notes.txt", "text/plain", b"words"), ("statement.pdf", "application/pdf", PDF))
    assert message.attachments.kept().count() == 2


def test_mark__pdf__is_sealed_as_it_came_and_shown_to_nobody(
    people: People, review: ManualReview, restricted: Path
) -> None:
    message = mailed(("护照.pdf".encode().hex() + ".pdf", "application/pdf", PDF))
    mark(message, people.agent)
    document = moved(message)
    assert (document.is_picture, document.review) == (False, review)
    (kept,) = on_disk(restricted)
    assert PDF not in kept.read_bytes()
    with pytest.raises(DocumentRefusedError, match="no picture"):
        review_documents.shown(public_id=document.public_id, person=drawn(review))
    page = signed_in(Client(), drawn(review)).get(reverse("desk:review", args=[review.public_id]))
    assert "sealed as it came" in words(page)


def test_moved__no_review_for_thirty_days__key_and_file_are_gone(
    people: People, customer: Customer, picture: Picture, restricted: Path, move_time: Move
) -> None:
    message = passport(picture)
    mark(message, people.agent)
    document = moved(message)
    move_time(timedelta(days=29))
    security_tasks.tidy_reviews()
    document.refresh_from_db()
    assert document.key
    move_time(timedelta(days=1, seconds=1))
    security_tasks.tidy_reviews()
    document.refresh_from_db()
    assert (document.key, on_disk(restricted)) == ("", [])


def test_mark__same_picture_in_another_case_of_theirs__goes_too_and_no_other_customers(
    people: People, customer: Customer, picture: Picture
) -> None:
    first, again = passport(picture), passport(picture, subject="Once more")
    foreign = passport(picture, sender="Olga <olga@example.org>")
    assert {first.ticket_id, again.ticket_id, foreign.ticket_id} == set(Ticket.objects.values_list("pk", flat=True))
    mark(first, people.agent)
    assert not again.attachments.kept().exists()
    document = moved(first)
    assert moved(again) == document
    assert ReviewDocument.objects.count() == 1
    assert foreign.attachments.kept().exists()


def test_mark__reply_that_has_not_left__is_refused_with_a_sentence(
    people: People, customer: Customer, picture: Picture
) -> None:
    ticket = mailed(("a.txt", "text/plain", b"words")).ticket
    said = replies.add(
        ticket=ticket, sender=Sender.of_staff(people.agent), channel="email", words=replies.Words(text="Here"),
        attached=[NewFile(name="passport.jpg", content=picture(), content_id="", is_inline=False)],
    )  # fmt: skip
    answer = mark(said, people.agent)
    assert answer.status_code == 422
    assert "has not left yet" in words(answer)
    assert said.attachments.kept().exists()


def test_mark__by_who_may_not_change_the_case__is_refused(people: People, customer: Customer, picture: Picture) -> None:
    message = passport(picture)
    compliance = next(person for person in people.seniors if person.role == "compliance")
    assert mark(message, compliance).status_code == 403
    assert message.attachments.kept().exists()
    desk = words(signed_in(Client(), compliance).get(reverse("desk:ticket", args=[message.ticket.public_id])))
    assert "looks like an identity document" not in desk


def test_banner__proposes_what_its_name_or_subject_says(people: People, customer: Customer, picture: Picture) -> None:
    named = passport(picture, subject="Hello")
    under = mailed(("IMG_7.jpg", "image/jpeg", picture() + b" "), subject="我的护照")
    other = mailed(("screen.jpg", "image/jpeg", picture() + b"  "), subject="Deposit missing")
    agent = signed_in(Client(), people.agent)
    proposed = [
        "This looks like an identity document" in words(agent.get(reverse("desk:ticket", args=[one.ticket.public_id])))
        for one in (named, under, other)
    ]
    assert proposed == [True, True, False]


def test_acknowledgement__of_a_mailed_document__says_where_they_are_sent(
    people: People, customer: Customer, picture: Picture
) -> None:
    message = passport(picture)
    owed = OutboundMail.objects.select_related("message__ticket", "mailbox").get(is_automatic=True)
    mark(message, people.agent)
    moved(message)
    sent = letters.of_message(owed).raw.decode()
    assert reverse("portal:review") in sent
    assert "Please do not mail one" in sent
    assert "passport.jpg" not in sent


def test_moving__bell_lost_or_disk_full__stays_hidden_and_happens_later(
    people: People, customer: Customer, picture: Picture, settings: Settings, move_time: Move, restricted: Path
) -> None:
    message = passport(picture)
    mark(message, people.agent)
    row = message.attachments.get()
    blocked = restricted.parent / "no folder"
    blocked.write_bytes(b"")
    settings.RESTRICTED_ROOT = blocked
    with pytest.raises(OSError, match="Not a directory"):
        inbound_tasks.move_document(row.pk)
    assert not message.attachments.kept().exists()
    settings.RESTRICTED_ROOT = restricted
    assert identity_documents.ring_overdue() == 0
    move_time(timedelta(seconds=30))
    assert identity_documents.ring_overdue() == 1
    assert moved(message).customer == customer
    assert identity_documents.ring_overdue() == 0


def test_move__twice__moves_once(people: People, customer: Customer, picture: Picture, restricted: Path) -> None:
    message = passport(picture)
    mark(message, people.agent)
    moved(message)
    assert identity_documents.move(attachment_pk=message.attachments.get().pk) is False
    assert (ReviewDocument.objects.count(), len(on_disk(restricted))) == (1, 1)


def test_mark__of_a_withdrawn_message__is_refused(people: People, customer: Customer, picture: Picture) -> None:
    message = passport(picture)
    Message.objects.filter(pk=message.pk).update(withdrawn_at="2026-01-01T00:00:00Z")
    with pytest.raises(errors.Refused):
        identity_documents.mark(message=message, files=[message.attachments.get().public_id], by=people.agent)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tickets_attachment SET file_id = (SELECT min(id) FROM core_storedfile WHERE id <> file_id)",
        "UPDATE tickets_attachment SET restricted_at = NULL WHERE restricted_at IS NOT NULL",
        "UPDATE tickets_attachment SET restricted_by_id = NULL WHERE restricted_by_id IS NOT NULL",
    ],
)
def test_attachment__by_sql_of_the_application__gets_no_other_file_and_does_not_come_back(
    people: People, customer: Customer, picture: Picture, statement: str
) -> None:
    mark(passport(picture), people.agent)
    mailed(("a.txt", "text/plain", b"words"))
    with pytest.raises(ProgrammingError, match=r"never another|does not come back"), transaction.atomic():
        connection.cursor().execute(statement)


def test_document__by_sql_of_the_application__goes_to_no_other_customers_review_and_leaves_none(
    people: People, review: ManualReview, picture: Picture
) -> None:
    message = passport(picture, sender="Olga <olga@example.org>")
    mark(message, people.agent)
    foreign = moved(message)
    with pytest.raises(IntegrityError, match="another customer"), transaction.atomic():
        ReviewDocument.objects.filter(pk=foreign.pk).update(review=review)
    own = review_documents.add(review=review, kind="identity", content=picture(), actor=review.customer.actor)
    for change in ({"review": None}, {"key": "another"}):
        with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
            ReviewDocument.objects.filter(pk=own.pk).update(**change)
    assert portal_customer() == review.customer
