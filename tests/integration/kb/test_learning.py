"""The quiz by its addresses alone, and recorded talks."""

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from pytest_django import Settings

from kb import quiz
from kb.models import Talk
from tests.factories import kb


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_quiz__played_to_its_end__explains_each_answer_and_counts_without_a_cookie(
    db: None, client: Client, language: str
) -> None:
    every = quiz.questions(language)
    assert len(every) >= 12
    assert {one.kind for one in every} == set(quiz.KINDS)
    assert {one.language for one in every} == {language}
    said = ""
    for place, one in enumerate(every):
        asked = client.get(f"/help/{language}/quiz/?said={said}&next=1").content.decode()
        assert f'value="{said}s"' in asked
        wrong = "s" if one.right == "r" else "r"
        said += wrong if place == 0 else one.right
        told = client.get(f"/help/{language}/quiz/?said={said}")
        assert ("notice-bad" in told.content.decode()) == (place == 0)
        assert (not told.cookies, told.headers["Cache-Control"]) == (True, "public, max-age=60")
    stand = quiz.stand(said, language)
    assert stand is not None
    assert (stand.right, stand.total, stand.wrong) == (len(every) - 1, len(every), (every[0],))
    assert every[0].sender.split(" <")[0] in client.get(f"/help/{language}/quiz/?said={said}&next=1").content.decode()
    for nonsense in ("x", said + "s"):
        assert client.get(f"/help/{language}/quiz/?said={nonsense}").status_code == 404


def test_talk__in_two_languages__shows_a_player_of_known_hosts_alone(
    db: None, client: Client, settings: Settings
) -> None:
    settings.KB_VIDEO_HOSTS = ["videos.example"]
    kb.talk(video="https://videos.example/1")
    kb.talk(language="zh-hans", title="钓鱼是怎么回事")
    response = client.get("/help/en/talks/phishing/")
    assert '<iframe src="https://videos.example/1"' in response.content.decode()
    assert "frame-src https://videos.example" in response.headers["Content-Security-Policy"]
    assert "钓鱼是怎么回事" in client.get("/help/zh-hant/talks/").content.decode()
    assert "Recorded talks" in client.get("/help/en/").content.decode()
    Talk.objects.update(is_shown=False)
    assert client.get("/help/en/talks/phishing/").status_code == 404
    with pytest.raises(ValidationError):
        Talk(slug="a", title="A", speaker="We", minutes=1, transcript="A", video="https://evil.example/1").full_clean()
    with pytest.raises(DatabaseError), transaction.atomic():
        Talk.objects.update(video="javascript:alert(1)")
