"""Pages a visitor has been on: paths alone, twenty of them, for thirty days."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from livechat.models import PageVisit
from livechat.services import page_visits
from livechat.services.page_visits import Seen
from tests.factories.livechat import ORIGIN, started


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/deposit?address=1#top", "/deposit"),
        ("/reset/3f9c1b7a2d4e5f60718293a4b5c6d7e8/done", "/reset/…/done"),
        ("/help/how-to-withdraw-to-another-wallet", "/help/how-to-withdraw-to-another-wallet"),
        ("/p/4111111111111111", None),
        ("", "/"),
    ],
)
def test_cleaned__path__holds_no_query_no_secret_and_no_key(given: str, kept: str | None) -> None:
    found = page_visits.cleaned(given)
    assert found == kept if kept is not None else "4111" not in found


def test_note__more_than_twenty__keeps_the_last(db: None) -> None:
    visitor, _token = started()
    page_visits.note(visitor=visitor, pages=[Seen(f"/old/{number}", 100 - number) for number in range(15)])
    page_visits.note(visitor=visitor, pages=[Seen(f"/new/{number}", 30 - number) for number in range(15)])
    paths = list(PageVisit.objects.order_by("-at").values_list("path", flat=True))
    assert len(paths) == 20
    assert paths[0] == "/new/14"
    assert paths[-1] == "/old/10"


def test_tidy__after_thirty_days__removes(db: None, move_time: Any) -> None:
    visitor, _token = started()
    page_visits.note(visitor=visitor, pages=[Seen("/", 0)])
    move_time(timedelta(days=29))
    assert page_visits.tidy() == 0
    move_time(timedelta(days=2))
    assert page_visits.tidy() == 1


def test_door__closed_shape__takes_paths_of_a_visitor_alone(client: Client, db: None) -> None:
    visitor, token = started()
    address = reverse("chat:pages", args=["site"])
    known = {"origin": settings.SITE_URL, "authorization": f"Bearer {token}", "x-chat-origin": ORIGIN}

    def sent(body: object, headers: dict[str, str]) -> int:
        return client.post(address, body, content_type="application/json", headers=headers).status_code

    assert sent({"pages": [{"path": "/deposit", "ago_s": 5}]}, known) == 204
    assert sent({"pages": [{"path": "/deposit", "ago_s": 5, "title": "x"}]}, known) == 400
    assert sent({"pages": [{"path": "/", "ago_s": 5}] * 21}, known) == 400
    assert sent({"pages": []}, {"origin": settings.SITE_URL}) == 401
    assert list(visitor.pages.values_list("path", flat=True)) == ["/deposit"]
