"""Rating in the chat, in place: asked once it is resolved, answered with the visitor's token, nobody else's to see."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Staff
from tests.cast import signed_in
from tests.factories.livechat import ORIGIN, resolved, said, started
from tickets.models import Survey, SurveyAnswer, Ticket
from tickets.services import status

pytestmark = pytest.mark.django_db
Move = Callable[[timedelta], None]
SEED = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"


def frame(token: str) -> Client:
    return Client(headers={"origin": settings.SITE_URL, "x-chat-origin": ORIGIN, "authorization": f"Bearer {token}"})


def post(client: Client, door: str, **body: Any) -> Any:
    return client.post(f"/chat/site/{door}/", json.dumps(body), content_type="application/json")


def told(client: Client) -> Any:
    return client.get("/chat/site/messages/").json()["survey"]


def test_rating__after_the_resolution__is_asked_given_changed_and_shown_at_the_desk(agent: Staff, lead: Staff) -> None:
    visitor, token = started()
    chat, client = said(visitor).chat, frame(token)
    assert told(client) is None
    survey = resolved(chat.ticket, agent)
    asked = {"id": survey.public_id, "rating": 0, "comment": "", "is_open": True, "is_skipped": False}
    assert told(client) == asked

    about = {"chat": chat.public_id, "survey": survey.public_id}
    kept = post(client, "rate", **about, rating=4, comment=f"Quick. {SEED}")
    assert (kept.status_code, kept.json()["rating"]) == (200, 4)
    assert kept.json()["redactions"]
    assert "abandon" not in kept.json()["comment"]
    assert (told(client)["rating"], told(client)["is_open"]) == (4, True)
    assert post(client, "rate", **about, rating=5, comment="Better still").status_code == 200
    assert SurveyAnswer.objects.get().comment == "Better still"

    page = signed_in(Client(), agent).get(f"/desk/tickets/{chat.ticket.public_id}/").content.decode()
    assert "The customer changed their rating: 5 of 5, before 4 of 5." in page
    assert "Better still" in page
    assert f"In the hands of {agent.name} then" in page
    summary = signed_in(Client(), lead).get("/desk/chats/team/").content.decode()
    assert "1 answer to 1 surveys: 100 % satisfied." in summary


def test_rating__skipped__is_told_so_and_asked_no_more(agent: Staff) -> None:
    visitor, token = started()
    chat, client = said(visitor).chat, frame(token)
    survey = resolved(chat.ticket, agent)
    assert post(client, "skip-rating", chat=chat.public_id, survey=survey.public_id).status_code == 204
    assert told(client)["is_skipped"] is True


def test_rating__reopened__is_asked_no_more_until_it_is_resolved_again(agent: Staff) -> None:
    visitor, token = started()
    chat, client = said(visitor).chat, frame(token)
    resolved(chat.ticket, agent)
    status.move(ticket=Ticket.objects.get(), to="open", by=agent)
    assert told(client) is None
    second = resolved(Ticket.objects.get(), agent)
    assert told(client)["id"] == second.public_id


def test_rating__of_another_visitor_or_another_ticket__finds_nothing(agent: Staff) -> None:
    (visitor, token), (other, theirs) = started(), started()
    mine, yours = said(visitor).chat, said(other, client_id="two").chat
    survey, foreign = resolved(mine.ticket, agent), resolved(yours.ticket, agent)
    for client, chat, asked in (
        (frame(theirs), mine, survey),
        (frame(token), mine, foreign),
        (frame(token), yours, foreign),
    ):
        about = {"chat": chat.public_id, "survey": asked.public_id}
        assert post(client, "rate", **about, rating=1).status_code == 404
        assert post(client, "skip-rating", **about).status_code == 404
    assert not SurveyAnswer.objects.exists()
    assert not Survey.objects.filter(skipped_at__isnull=False).exists()
    assert told(frame(theirs))["id"] == foreign.public_id


@pytest.mark.parametrize("wrong", [{"rating": 6}, {"rating": 0}, {"rating": "five"}, {"rating": 3, "by": "me"}, {}])
def test_rating__wrong_body__is_400(agent: Staff, wrong: dict[str, Any]) -> None:
    visitor, token = started()
    chat = said(visitor).chat
    survey = resolved(chat.ticket, agent)
    assert post(frame(token), "rate", chat=chat.public_id, survey=survey.public_id, **wrong).status_code == 400


def test_rating__too_many_words__is_422_in_words(agent: Staff) -> None:
    visitor, token = started()
    chat = said(visitor).chat
    survey = resolved(chat.ticket, agent)
    about = {"chat": chat.public_id, "survey": survey.public_id}
    refused = post(frame(token), "rate", **about, rating=3, comment="x" * 2_001)
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "Your comment is too long: 2,000 characters at most.",
    )
