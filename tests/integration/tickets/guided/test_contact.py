"""The public web form: open to everybody, in both languages, sent once, and no relay for anybody's words."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from pytest_django import Settings

from tests.factories.customers import open_portal, portal_customer
from tests.factories.guided import deposit_form, ids_of
from tests.factories.tickets import MailboxFactory
from tickets import contact_work
from tickets.delivery import letters
from tickets.models import Attachment, FormUpload, FormUploadPart, GuidedForm, OutboundMail, Ticket
from tickets.services import form_uploads

pytestmark = [pytest.mark.django_db, pytest.mark.attack("A7")]
WORDS = "Visit evil.example now"


@pytest.fixture
def form(settings: Settings) -> GuidedForm:
    settings.CONTACT_WORK_BITS = 4
    MailboxFactory.create()
    return deposit_form()


def stranger(number: int = 1) -> Client:
    return Client(REMOTE_ADDR=f"2001:db8:7::{number}")


def path(form: GuidedForm) -> str:
    return reverse("contact_form", args=[form.topic.slug])


def filled(form: GuidedForm, address: str = "victim@example.com", *, is_worked: bool = True) -> dict[str, str]:
    ids, key = ids_of(form), contact_work.new_key()
    work = next(str(one) for one in range(10_000) if contact_work.is_done(key, str(one))) if is_worked else ""
    answers = {"asset": "USDT", "amount": "25.5", "text": WORDS}
    named = {f"q-{ids[kind]}": answer for kind, answer in answers.items()}
    return {**named, f"b-{ids['asset']}": "tron", "address": address, "text": WORDS, "form_key": key, "work": work}


def test_form__sent_twice__opens_one_ticket_whose_confirmation_has_fixed_words(form: GuidedForm) -> None:
    data = filled(form)
    pages = [
        stranger().post(path(form), {**data, "attached": SimpleUploadedFile("seen.png", b"not a picture")})
        for _time in range(2)
    ]
    ticket = Ticket.objects.get()
    assert [page.status_code for page in pages] == [200, 200]
    assert all(f"#{ticket.number}" in page.content.decode() for page in pages)
    assert (ticket.is_requester_proven, ticket.channel) == (False, "web")
    assert ticket.subject == "25.5 USDT deposit on Tron, not credited"
    assert WORDS in ticket.messages.get(seq=1).text
    assert Attachment.objects.filter(message__ticket=ticket).count() == 1
    letter = letters.of_message(OutboundMail.objects.get()).raw.decode()
    assert "victim@example.com" in letter
    assert "Auto-Submitted: auto-replied" in letter
    assert not any(word in letter for word in ("evil", "USDT", "25.5", "seen.png"))


def test_form__a_thousand_victims_in_small__one_mail_each_a_day_and_none_without_work(form: GuidedForm) -> None:
    for number in range(6):
        stranger(number).post(path(form), filled(form, f"victim-{number % 3}@example.com"))
    stranger(9).post(path(form), filled(form, "fourth@example.com", is_worked=False))
    assert Ticket.objects.count() == 7
    assert sorted(OutboundMail.objects.values_list("to_address", flat=True)) == [
        f"victim-{number}@example.com" for number in range(3)
    ]


def test_form__whatever_cannot_be_taken__stays_in_it(form: GuidedForm, settings: Settings) -> None:
    ids = ids_of(form)
    for change, sentence in (
        ({"address": "nobody"}, "This is no email address."),
        # Everything that is wrong is told at once.
        ({"address": "nobody", f"q-{ids['amount']}": "1,5"}, "Write the amount in digits"),
        ({f"q-{ids['amount']}": "1,5"}, "Write the amount in digits"),
        ({"form_key": "forged"}, "open for too long"),
    ):
        page = stranger(20).post(path(form), {**filled(form), **change})
        assert (page.status_code, sentence in page.content.decode()) == (422, True)
        assert WORDS in page.content.decode()
    settings.CONTACT_PER_MIN = {"worked": 1, "plain": 0, "all": 1000}
    assert stranger(21).post(path(form), filled(form)).status_code == 200
    assert stranger(21).post(path(form), filled(form)).status_code == 429
    assert stranger(22).post(path(form), filled(form, is_worked=False)).status_code == 429
    settings.CONTACT_CAPTCHA = f"{__name__}.Never"
    page = stranger(23).post(path(form), filled(form))
    assert "<p>Riddle</p>" in page.content.decode()
    assert Ticket.objects.count() == 1


def test_files__sent_in_pieces__go_on_where_they_stopped_and_with_the_ticket(form: GuidedForm) -> None:
    data, client = filled(form), stranger(30)
    named = {"form_key": data["form_key"], "work": data["work"], "client_id": "one"}
    begun = client.post(reverse("contact_files"), {**named, "name": "rec.txt", "size": "6"})
    assert begun.json()["received"] == 0

    def sent(start: int, content: bytes) -> Any:
        part = {**named, "start": str(start), "content": SimpleUploadedFile("part", content)}
        return client.post(reverse("contact_file_part"), part)

    assert sent(0, b"abc").json() == {"received": 3}
    # A piece whose answer was lost comes again: 409 says from where to go on, and so does announcing.
    assert (sent(0, b"abc").status_code, sent(0, b"abc").json()) == (409, {"received": 3})
    assert client.post(reverse("contact_files"), {**named, "name": "rec.txt", "size": "6"}).json()["received"] == 3
    assert b"abc" not in bytes(FormUploadPart.objects.get().content)
    early = client.post(path(form), {**data, "uploaded": "one"})
    assert (early.status_code, Ticket.objects.count()) == (422, 0)
    assert sent(3, b"def").json() == {"received": 6}
    assert sent(6, b"g").status_code == 422
    thief = stranger(32).post(path(form), {**filled(form), "uploaded": "one"})
    assert (thief.status_code, Ticket.objects.count()) == (422, 0)
    shown = client.post(path(form), {**data, "uploaded": "one", "address": "nobody"}).content.decode()
    assert 'name="uploaded" value="one"' in shown
    assert client.post(path(form), {**data, "uploaded": "one"}).status_code == 200
    attachment = Attachment.objects.select_related("file").get()
    assert (attachment.stored.name, attachment.stored.size, FormUpload.objects.count()) == ("rec.txt", 6, 0)


def test_files__without_the_work_or_for_another_copy__are_refused(
    form: GuidedForm, move_time: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    data, other = filled(form), filled(form)
    named = {"client_id": "one", "name": "a.txt", "size": "1"}
    doors = [reverse(name) for name in ("contact_files", "contact_file_part", "contact_file_remove")]
    for key, work in (("", ""), (data["form_key"], ""), (data["form_key"], "x"), ("forged", data["work"])):
        asked = [stranger(31).post(door, {**named, "form_key": key, "work": work}) for door in doors]
        assert [answer.status_code for answer in asked] == [403, 403, 403]
    mine = {"form_key": data["form_key"], "work": data["work"]}
    stranger(31).post(doors[0], {**named, **mine})
    for size in (str(21 * 1024 * 1024), "2"):
        assert stranger(31).post(doors[0], {**named, **mine, "size": size}).status_code == 422
    assert stranger(31).post(doors[0], {**named, **mine, "size": "-1"}).status_code == 400
    monkeypatch.setattr(form_uploads, "MOST_WAITING_BYTES", 1)
    assert stranger(31).post(doors[0], {**named, **mine, "client_id": "two"}).status_code == 422
    theirs = {"form_key": other["form_key"], "work": other["work"], "client_id": "one"}
    assert stranger(31).post(doors[2], theirs).status_code == 204
    assert FormUpload.objects.count() == 1
    assert form_uploads.tidy() == 0
    move_time(timedelta(hours=25))
    assert form_uploads.tidy() == 1


def test_pages__both_languages_and_signed_in__lead_to_the_form(client: Client, form: GuidedForm) -> None:
    assert "My deposit has not arrived" in client.get(reverse("contact")).content.decode()
    chinese = client.get(reverse("contact"), headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "我的充值没有到账" in chinese
    assert "交易哈希" in client.get(path(form), headers={"Accept-Language": "zh-hans"}).content.decode()
    assert client.get(reverse("contact_form", args=["none"])).status_code == 404
    open_portal(client, portal_customer())
    assert client.get(path(form))["Location"] == reverse("portal:guided", args=[form.topic.slug])


class Never:
    """A captcha that nobody passes."""

    def html(self, _request: HttpRequest) -> SafeString:
        return mark_safe("<p>Riddle</p>")

    def is_passed(self, _request: HttpRequest) -> bool:
        return False
