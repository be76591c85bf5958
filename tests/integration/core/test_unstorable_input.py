"""What PostgreSQL cannot store is refused at the door, by every door, with a sentence."""

import json

import pytest
from django.test import Client

from accounts.models import Staff
from tests.cast import signed_in
from tests.factories.tickets import mail_ticket
from tickets.models import Ticket


@pytest.mark.parametrize(
    "path",
    [
        "/desk/rows/?view=team-%00",
        "/desk/rows/?view=open&only=%00",
        "/desk/rows/?view=open&%00=1",
        "/desk/tickets/%00/",
        "/sign-in/?next=%00",
        "/admin/tickets/ticket/?q=%00",
    ],
)
def test_page__nul_in_path_or_query__is_400_with_a_sentence(client: Client, agent: Staff, path: str) -> None:
    answer = signed_in(client, agent).get(path)
    assert answer.status_code == 400
    assert "cannot be stored" in answer.content.decode()


@pytest.mark.parametrize("path", ["/api/v1/tickets/?team=%00", "/api/v1/tickets/?cursor=%00", "/api/v1/tickets/%00/"])
def test_api__nul_in_path_or_query__is_a_problem_document(client: Client, agent: Staff, path: str) -> None:
    answer = signed_in(client, agent).get(path)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["type"].endswith("/unstorable_character")


@pytest.mark.parametrize("content_type", ["multipart", "application/x-www-form-urlencoded"])
def test_form__nul_in_a_field__is_400_and_changes_nothing(client: Client, agent: Staff, content_type: str) -> None:
    ticket = mail_ticket()
    url = f"/desk/tickets/{ticket.public_id}/note/"
    signed_in(client, agent)
    if content_type == "multipart":
        answer = client.post(url, {"body": "a\0b"})
    else:
        answer = client.post(url, "body=a%00b", content_type=content_type)
    assert answer.status_code == 400
    assert ticket.messages.count() == 1


@pytest.mark.django_db
def test_sign_in__nul_in_the_address__is_400(client: Client) -> None:
    assert client.post("/sign-in/", {"email": "a\0@b.test", "password": "x"}).status_code == 400


def test_query__half_of_a_surrogate_pair__is_400(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    answer = client.get("/desk/rows/?view=%2B2AA-", CONTENT_TYPE="text/plain; charset=utf-7")
    assert answer.status_code == 400


def test_form__every_other_character__passes(client: Client, agent: Staff) -> None:
    ticket = mail_ticket()
    words = "tab\there, emoji 🦊, مرحبا \x01\x7f"
    signed_in(client, agent).post(f"/desk/tickets/{ticket.public_id}/note/", {"body": words})
    assert Ticket.objects.get().messages.filter(kind="note").count() == 1
