"""A survey by a mail's link: opening it records nothing, one POST does, and what is refused says why."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from core.models import AuditEntry
from tests.factories.livechat import resolved, said, started
from tickets import survey_links
from tickets.models import Message, Survey, SurveyAnswer

Move = Callable[[timedelta], None]


@pytest.fixture
def survey(clone_db: str, agent: Staff) -> Survey:
    return resolved(said(started()[0], "My address is 5 Elm Street").chat.ticket, agent)


def test_link__opened_by_a_scanner_with_a_rating__records_nothing(survey: Survey) -> None:
    path = survey_links.path_for(survey)
    before = (Message.objects.count(), AuditEntry.objects.count())
    page = Client().get(f"{path}?rating=1")
    assert [page.status_code, Client().head(f"{path}?rating=1").status_code] == [200, 200]
    assert '<input class="check" type="radio" name="rating" value="1" required checked>' in page.content.decode()
    assert (Message.objects.count(), AuditEntry.objects.count()) == before
    assert not SurveyAnswer.objects.exists()


def test_link__posted__is_the_answer_and_shows_nobodys_words(survey: Survey) -> None:
    path, client = survey_links.path_for(survey), Client()
    assert "Elm Street" not in client.get(path).content.decode()
    kept = client.post(path, {"rating": "4", "comment": "Thank you, Rita"})
    assert kept.status_code == 200
    assert "Thank you for your rating" in kept.content.decode()
    assert (SurveyAnswer.objects.get().rating, SurveyAnswer.objects.get().comment) == (4, "Thank you, Rita")
    again = client.get(path).content.decode()
    assert 'value="4" required checked' in again
    assert "Rita" not in again, "a link is forwarded: what was written is not on its page"
    client.post(path, {"rating": "2", "comment": ""})
    assert (SurveyAnswer.objects.get().rating, SurveyAnswer.objects.get().comment) == (2, "Thank you, Rita")


@pytest.mark.parametrize("rating", ["", "0", "6", "five", "1 "])
def test_link__no_rating__says_so(survey: Survey, rating: str) -> None:
    refused = Client().post(survey_links.path_for(survey), {"rating": rating})
    assert refused.status_code == 422
    assert "Choose a rating from 1 to 5." in refused.content.decode()
    assert not SurveyAnswer.objects.exists()


def test_link__forged_too_late_or_fixed__says_why(survey: Survey, move_time: Move) -> None:
    path = survey_links.path_for(survey)
    forged = reverse("portal:survey_by_link", args=["not-a-token"])
    for wrong in (forged, path[:-3] + "/", path.replace(survey.public_id, "0" * len(survey.public_id))):
        refused = Client().post(wrong, {"rating": "5"})
        assert refused.status_code == 410
        assert "Nothing was recorded." in refused.content.decode()
    Client().post(path, {"rating": "5"})
    move_time(timedelta(days=1, minutes=1))
    fixed = Client().post(path, {"rating": "1"})
    assert (fixed.status_code, "You have rated this already" in fixed.content.decode()) == (410, True)
    assert SurveyAnswer.objects.get().rating == 5


def test_link__after_fourteen_days__says_that_time_is_over(survey: Survey, move_time: Move) -> None:
    move_time(timedelta(days=14, minutes=1))
    for ask in (Client().get, Client().post):
        late = ask(survey_links.path_for(survey), {"rating": "5"})
        assert (late.status_code, "The time for a rating is over" in late.content.decode()) == (410, True)
    assert not SurveyAnswer.objects.exists()


def test_link__with_another_parameter__is_400(survey: Survey) -> None:
    assert Client().get(survey_links.path_for(survey), {"comment": "Great"}).status_code == 400


def test_link__pressed_again_and_again__is_429(survey: Survey) -> None:
    path = survey_links.path_for(survey)
    codes = [Client().post(path, {"rating": "5"}).status_code for _ in range(14)]
    assert (codes[0], codes[-1]) == (200, 429)


def test_link__post_without_the_pages_token__is_refused(survey: Survey) -> None:
    path = survey_links.path_for(survey)
    assert Client(enforce_csrf_checks=True).post(path, {"rating": "5"}).status_code == 403
    assert not SurveyAnswer.objects.exists()
