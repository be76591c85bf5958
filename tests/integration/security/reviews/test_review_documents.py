"""Documents of a review: sealed one by one, seen by who was drawn, written across, gone after a month."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pytest_django import Settings

from accounts.models import Staff
from core.models import AuditEntry
from security import inbound_tasks, review_links
from security.models import ManualReview, ReviewDocument, ReviewDocumentView
from security.services import review_documents
from security.services.review_documents import DocumentRefusedError
from tests.integration.security.reviews.conftest import Move, People

Picture = Callable[[], bytes]


@pytest.fixture(autouse=True)
def restricted(tmp_path: Path, settings: Settings) -> Path:
    settings.RESTRICTED_ROOT = tmp_path
    return tmp_path


def add(review: ManualReview, content: bytes) -> ReviewDocument:
    return review_documents.add(review=review, kind="identity", content=content, actor=review.customer.actor)


def drawn(review: ManualReview) -> Staff:
    return review.draws.order_by("place")[0].reviewer


def test_add__picture__rests_sealed_and_without_what_the_camera_wrote(
    review: ManualReview, picture: Picture, restricted: Path
) -> None:
    add(review, picture())
    (kept,) = [found for found in restricted.rglob("*") if found.is_file()]
    content = kept.read_bytes()
    assert b"WEBP" not in content
    assert b"taken at home" not in content


def test_shown__to_a_drawn_reviewer__is_a_picture_with_their_name_and_is_recorded(
    review: ManualReview, picture: Picture
) -> None:
    document = add(review, picture())
    person = drawn(review)
    shown = review_documents.shown(public_id=document.public_id, person=person)
    assert shown is not None
    assert b"taken at home" not in shown
    with Image.open(BytesIO(shown)) as image:
        colours = image.convert("RGB").getcolors(1_000_000) or []
    assert len(colours) > 5, "words stand across one plain colour"
    assert ReviewDocumentView.objects.filter(document=document, viewer=person).count() == 1
    assert AuditEntry.objects.filter(action="manual_review.document_viewed", actor_id=person.public_id).count() == 1


def test_shown__to_anybody_else__is_nothing(review: ManualReview, picture: Picture, people: People) -> None:
    document = add(review, picture())
    reviewers = {draw.reviewer_id for draw in review.draws.all()}
    others = [people.agent, *(one for one in people.seniors if one.pk not in reviewers)]
    assert len(others) == 5
    for person in others:
        assert review_documents.shown(public_id=document.public_id, person=person) is None
    assert not ReviewDocumentView.objects.exists()


def test_shown__forty_times_in_an_hour__is_enough(review: ManualReview, picture: Picture, move_time: Move) -> None:
    document = add(review, picture())
    person = drawn(review)
    ReviewDocumentView.objects.bulk_create([ReviewDocumentView(document=document, viewer=person) for _ in range(40)])
    with pytest.raises(DocumentRefusedError, match="wait an hour"):
        review_documents.shown(public_id=document.public_id, person=person)
    move_time(timedelta(hours=1, seconds=1))
    assert review_documents.shown(public_id=document.public_id, person=person)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 a passport", b"MZ\x90\x00", b"<svg onload=alert(1)>"])
def test_add__no_picture__is_refused(review: ManualReview, content: bytes, restricted: Path) -> None:
    with pytest.raises(DocumentRefusedError, match="not a picture"):
        add(review, content)
    assert not [*restricted.rglob("*")]


def test_add__more_than_eight__is_refused(review: ManualReview, picture: Picture) -> None:
    for _place in range(8):
        add(review, picture())
    with pytest.raises(DocumentRefusedError, match="enough"):
        add(review, picture())


def test_add__after_the_review_has_lapsed__is_refused(review: ManualReview, picture: Picture, move_time: Move) -> None:
    move_time(timedelta(hours=96, seconds=1))
    with pytest.raises(DocumentRefusedError, match="ended"):
        add(review, picture())


def test_tidy__thirty_days_after_the_end__key_and_file_are_gone(
    review: ManualReview, picture: Picture, restricted: Path, move_time: Move
) -> None:
    document = add(review, picture())
    move_time(timedelta(hours=96) + timedelta(days=29))
    inbound_tasks.tidy_reviews()
    document.refresh_from_db()
    assert document.key
    move_time(timedelta(days=1, seconds=1))
    inbound_tasks.tidy_reviews()
    document.refresh_from_db()
    assert (document.key, document.removed_at is None) == ("", False)
    assert not [found for found in restricted.rglob("*") if found.is_file()]


def test_link__for_72_hours__names_its_review_and_nothing_forged_does(review: ManualReview, move_time: Move) -> None:
    token = review_links.path_for(review).rstrip("/").rsplit("/", 1)[1]
    assert review_links.review_of(token) == review
    assert review_links.review_of(token[:-2]) is None
    move_time(timedelta(hours=72, seconds=2))
    assert review_links.review_of(token) is None
