"""The pages of a manual review: started from a ticket, shown to its customer, decided by who was drawn."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import Customer, Staff
from core.models import AuditEntry, Notice
from security import freeze_links, review_links
from security.models import ApproverDraw, Execution, ManualReview, ReviewDecision, ReviewDocument
from security.services import fund_actions
from security.services.fund_actions import ActionRefusedError
from tests.cast import signed_in
from tests.factories.customers import open_portal, portal_ticket
from tests.factories.tickets import MailboxFactory
from tests.integration.security.reviews.conftest import Move, People

Picture = Callable[[], bytes]
WAIT = timedelta(hours=72)
YES = {
    "decision": "confirmed", "is_readable": "on", "is_in_date": "on", "name_matches": "on", "face_matches": "on",
    "reason": "It is them.",
}  # fmt: skip
NO = {"decision": "refused", "reason": "Another person is on the picture."}


@pytest.fixture(autouse=True)
def restricted(tmp_path: Path, settings: Settings) -> None:
    settings.RESTRICTED_ROOT = tmp_path


def send(client: Client, people: People, person: Staff, path: str, data: dict[str, str]) -> Any:
    """Do what the form does: ask what the passkey must sign, and send its answer."""
    begun = client.post(path, data)
    assert begun.status_code == 200, begun.content
    told = begun.json()
    return client.post(path, {**data, **told["fields"], **people.answer(person, told["options"])})


def drawn(review: ManualReview) -> list[Staff]:
    return [draw.reviewer for draw in review.draws.order_by("place")]


def decide(people: People, review: ManualReview, person: Staff, data: dict[str, str]) -> Any:
    return send(signed_in(Client(), person), people, person, reverse("desk:review", args=[review.public_id]), data)


def upload(client: Client, path: str, content: bytes) -> Any:
    picture = SimpleUploadedFile("passport.jpg", content, content_type="image/jpeg")
    return client.post(path, {"kind": "identity", "picture": picture})


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_new__from_a_ticket__asks_and_tells_every_address(people: People, customer: Customer) -> None:
    MailboxFactory.create()
    ticket = portal_ticket(customer)
    client = signed_in(Client(), people.agent)
    path = f"{reverse('desk:review_new')}?ticket={ticket.public_id}"
    assert "Start with my passkey" in words(client.get(path))

    response = send(client, people, people.agent, path, {"lost": "all"})

    review = ManualReview.objects.get(customer=customer)
    assert response.headers["Location"] == reverse("desk:review", args=[review.public_id])
    assert review.action.ticket_id == ticket.pk
    shown = words(client.get(response.headers["Location"]))
    assert "Waiting time" in shown
    assert "Decide with my passkey" not in shown
    body = Notice.objects.filter(kind="customer_security").latest("pk").body
    links = [urlsplit(found).path for found in re.findall(r"http\S+", body)]
    assert {link.split("/")[2] for link in links} == {"reviews", "freeze"}


def test_new__for_somebody_the_exchange_does_not_know__says_so(people: People) -> None:
    MailboxFactory.create()
    ticket = portal_ticket(Customer.objects.create(name="Somebody"))
    path = f"{reverse('desk:review_new')}?ticket={ticket.public_id}"
    answer = signed_in(Client(), people.agent).post(path, {"lost": "all"})
    assert answer.status_code == 422
    assert "never come from the exchange" in answer.json()["detail"]


def test_review__through_the_pages__is_confirmed_by_two(
    people: People, review: ManualReview, picture: Picture, move_time: Move
) -> None:
    assert upload(Client(), review_links.path_for(review), picture()).status_code == 302
    document = ReviewDocument.objects.get(review=review)
    one, other = drawn(review)
    desk = signed_in(Client(), one)
    assert "Confirming is possible from" in words(desk.get(reverse("desk:review", args=[review.public_id])))
    led = desk.get(reverse("desk:review_document", args=[review.public_id, document.public_id]))
    link = urlsplit(led.headers["Location"])
    seen = Client().get(link.path, HTTP_HOST=link.netloc)
    assert (seen.status_code, seen.headers["Content-Type"]) == (200, "image/webp")
    assert "sandbox" in seen.headers["Content-Security-Policy"]
    assert "Content-Disposition" not in seen.headers

    move_time(WAIT)
    assert decide(people, review, one, YES).status_code == 302
    assert decide(people, review, other, YES).status_code == 302

    assert list(review.decisions.values_list("decision", flat=True)) == ["confirmed", "confirmed"]
    assert "Confirmed by two reviewers" in words(signed_in(Client(), one).get(reverse("desk:reviews")))


def test_decision__before_the_waiting_time_is_over__says_so_and_keeps_nothing(
    people: People, review: ManualReview
) -> None:
    answer = decide(people, review, drawn(review)[0], YES)
    assert answer.status_code == 422
    assert not ReviewDecision.objects.exists()


def test_decision__one_question_without_a_yes__is_not_begun(people: People, review: ManualReview) -> None:
    person = drawn(review)[0]
    data = {name: value for name, value in YES.items() if name != "name_matches"}
    path = reverse("desk:review", args=[review.public_id])
    answer = signed_in(Client(), person).post(path, data)
    assert answer.status_code == 422
    assert "all four" in answer.json()["detail"]


def test_pages__for_anybody_else__find_nothing_and_it_is_recorded(
    people: People, review: ManualReview, picture: Picture
) -> None:
    upload(Client(), review_links.path_for(review), picture())
    document = ReviewDocument.objects.get(review=review)
    reviewers = {person.pk for person in drawn(review)}
    outsider = next(person for person in people.seniors if person.pk not in reviewers)
    desk = signed_in(Client(), outsider)
    page = reverse("desk:review", args=[review.public_id])
    looked = reverse("desk:review_document", args=[review.public_id, document.public_id])
    draw = reverse("desk:review_draw", args=[review.public_id])
    answers = [desk.get(page), desk.post(page, YES), desk.get(looked), desk.post(draw)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 404]
    denied = AuditEntry.objects.filter(action="access.denied", object_id=review.public_id)
    assert denied.count() == 4
    # Who has started it sees where it is, and no document.
    agent = signed_in(Client(), people.agent)
    assert agent.get(page).status_code == 200
    assert agent.get(looked).status_code == 404
    assert looked not in words(agent.get(page))


def test_appeal__by_the_mails_link__once(people: People, review: ManualReview) -> None:
    decide(people, review, drawn(review)[0], NO)
    link = review_links.path_for(review, life_s=review_links.APPEAL_LIFE_S)
    client = Client()
    assert "You may appeal once" in words(client.get(link))
    assert not hasattr(ManualReview.objects.get(pk=review.pk), "appeal")
    assert client.post(link, {"act": "appeal"}).status_code == 302
    assert "You have appealed" in words(client.get(link))
    assert client.post(link, {"act": "appeal"}).status_code == 422


def test_own__signed_in__shows_the_state_and_takes_pictures(
    review: ManualReview, customer: Customer, picture: Picture
) -> None:
    client = Client()
    open_portal(client, customer)
    path = reverse("portal:review")
    assert "0 pictures are with us" in words(client.get(path))
    assert upload(client, path, picture()).status_code == 302
    assert "1 picture is with us" in words(client.get(path))
    assert upload(client, path, b"no picture").status_code == 422


def test_link__too_old__opens_nothing(review: ManualReview, picture: Picture, move_time: Move) -> None:
    link = review_links.path_for(review)
    move_time(timedelta(hours=72, seconds=5))
    assert Client().get(link).status_code == 410
    assert upload(Client(), link, picture()).status_code == 410
    assert not ReviewDocument.objects.exists()


def test_this_was_not_me__by_the_mails_link__stops_it(
    people: People, review: ManualReview, customer: Customer, move_time: Move
) -> None:
    assert Client().post(freeze_links.path_for(customer)).status_code == 200
    move_time(WAIT)
    for person in drawn(review):
        decide(people, review, person, YES)
    approver = ApproverDraw.objects.get(action=review.action).approver
    begun = fund_actions.begin_approval(person=approver, action=review.action)
    answer = people.answer(approver, begun.options)
    with pytest.raises(ActionRefusedError, match="frozen"):
        fund_actions.approve(person=approver, action=review.action, begun=begun, answer=answer)
    assert not Execution.objects.exists()
