"""The editors' pages: lists of work, preview, differences, who may do what, and a picture on its way."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Staff
from kb.models import Picture, State, Translation
from kb.services import locks, publishing, reading, writing
from kb.services.writing import Change, Wording
from tests.cast import signed_in
from tests.factories import kb
from tests.support.pictures import png

HOME = "/desk/articles/"
WORDS = {"title": "Gas", "summary": "", "body": "# Gas\n\n**Pays** for work.", "significance": "content", "seen": "1"}


def shown(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_lists__each__shows_its_work(client: Client, lead: Staff, move_time: Callable[[timedelta], None]) -> None:
    source = kb.published("one")
    kb.translated(source.article, "zh-hans", title="一", change=Change(translates=source.published))
    publishing.submit(translation=kb.draft("waits"), by=kb.person("agent"))
    kb.published("alone")
    wording = Wording(title="One", body="Other.")
    writing.write(translation=source, by=kb.person("agent"), wording=wording, seen=1)
    kb.let_out(source)
    publishing.look_again(translation=source, by=lead, on=None)
    signed_in(client, lead)
    assert "Waits" in shown(client, f"{HOME}?list=review")
    assert "一" in shown(client, f"{HOME}?list=outdated")
    translate = shown(client, f"{HOME}?list=translate&language=zh-hans")
    assert "alone" in translate
    assert "一" in translate
    assert "Nothing here" in shown(client, f"{HOME}?list=overdue")
    assert "Nothing here" in shown(client, f"{HOME}?list=mine")
    assert client.get(f"{HOME}?list=none").status_code == 404


def test_editor__preview__keeps_nothing_and_save_is_a_draft(client: Client, agent: Staff) -> None:
    row = kb.published("gas")
    signed_in(client, agent)
    previewed = client.post(f"{HOME}{row.public_id}/edit/", {**WORDS, "act": "preview"}).content.decode()
    assert "<strong>Pays</strong>" in previewed
    assert row.revisions.count() == 1
    response = client.post(f"{HOME}{row.public_id}/edit/", {**WORDS, "act": "save"})
    assert response.status_code == 302
    assert Translation.objects.get(pk=row.pk).state == State.DRAFT
    assert "diff-added" in shown(client, f"{HOME}{row.public_id}/changes/2/")


def test_editor__another_one_writes__says_so_and_can_be_taken_over(client: Client, agent: Staff, lead: Staff) -> None:
    row = kb.draft("gas")
    locks.take(translation=row, by=lead)
    signed_in(client, agent)
    refused = client.post(f"{HOME}{row.public_id}/edit/", {**WORDS, "act": "save"})
    assert refused.status_code == 422
    assert lead.name in refused.content.decode()
    assert lead.name in shown(client, f"{HOME}{row.public_id}/")
    client.post(f"{HOME}{row.public_id}/lock/")
    assert client.post(f"{HOME}{row.public_id}/edit/", {**WORDS, "act": "save"}).status_code == 302


def test_acts__agent__writes_and_does_not_publish(client: Client, agent: Staff, lead: Staff) -> None:
    row = kb.draft("gas", by=agent)
    signed_in(client, agent)
    assert client.post(f"{HOME}{row.public_id}/publish/", {"seen": "1"}).status_code == 403
    assert "Approve and publish" not in shown(client, f"{HOME}{row.public_id}/")
    signed_in(client, lead)
    assert "Approve and publish" in shown(client, f"{HOME}{row.public_id}/")
    assert client.post(f"{HOME}{row.public_id}/publish/", {"seen": "1"}).status_code == 302
    own = kb.draft("own", by=lead)
    assert "Another person reviews" in shown(client, f"{HOME}{own.public_id}/")
    assert client.post(f"{HOME}{own.public_id}/publish/", {"seen": "1"}).status_code == 422


class Upside:
    """A machine that turns words round."""

    def translate(self, wording: Wording, *, source: str, target: str) -> Wording:
        """Return them reversed."""
        return Wording(title=wording.title[::-1], body=wording.body[::-1])


def test_translation__by_a_machine__is_a_draft_marked_as_such(
    client: Client, agent: Staff, settings: pytest.FixtureRequest
) -> None:
    settings.KB_MACHINE_TRANSLATION = f"{__name__}:Upside"  # type: ignore[attr-defined]
    article = kb.published("gas", title="Gas").article
    path = f"{HOME}{article.public_id}/translate/de/"
    signed_in(client, agent)
    proposed = client.post(path, {"act": "machine"}).content.decode()
    assert "saG" in proposed
    assert 'name="is_machine" value="yes"' in proposed
    client.post(path, {**WORDS, "seen": "0", "act": "save", "is_machine": "yes"})
    made = Translation.objects.get(language="de")
    assert made.current is not None
    assert (made.state, made.current.is_machine) == (State.DRAFT, True)


def test_picture__png__is_shown_and_anything_else_refused(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    path = f"{HOME}pictures/"
    bad = SimpleUploadedFile("a.png", b"<svg onload=alert(1)>")
    assert client.post(path, {"file": bad, "description": "Bad"}).status_code == 422
    client.post(path, {"file": SimpleUploadedFile("a.png", png(4, 4)), "description": "A form"})
    picture = Picture.objects.get()
    response = Client().get(f"/help/media/{picture.public_id}/")
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.getvalue()
    assert "immutable" in response.headers["Cache-Control"]


def test_report__what_was_searched_and_solved__is_told(client: Client, lead: Staff) -> None:
    row = kb.published("gas")
    for _ in range(6):
        reading.searched(query="petrol", language="en", found=0)
        reading.searched(query="gas price", language="en", found=3)
    reading.solved(article=row.article, language="en", door="chat", reader="r")
    signed_in(client, lead)
    html = shown(client, f"{HOME}report/?days=7")
    for told in ("petrol", "gas price", "chat", "0 / 6"):
        assert told in html


def test_ticket__articles_beside_it__in_the_customers_language_with_staff_only(client: Client, agent: Staff) -> None:
    from tests.factories.tickets import mail_ticket
    from tickets.models import Ticket

    article = kb.published("gas", title="Gas fees", body="Gas pays for work.").article
    kb.translated(article, "zh-hans", title="矿工费", body="矿工费用于支付计算。")
    kb.published("gas-procedure", title="Gas refunds", body="For staff.", is_staff_only=True)
    case = mail_ticket()
    Ticket.objects.filter(pk=case.pk).update(subject="Gas", language="en")
    signed_in(client, agent)
    html = shown(client, f"/desk/tickets/{case.public_id}/articles/")
    assert "Gas fees" in html
    assert "Gas refunds" in html
    assert html.count("data-insert-article") == 2
    Ticket.objects.filter(pk=case.pk).update(language="zh")
    assert "矿工费" in shown(client, f"/desk/tickets/{case.public_id}/articles/?q=矿工费")


def test_day_to_look_again__set_by_a_lead__puts_it_on_the_list(client: Client, lead: Staff, agent: Staff) -> None:
    row = kb.published("gas", title="Gas")
    path = f"{HOME}{row.public_id}/look-again/"
    signed_in(client, agent)
    assert client.post(path, {"review_by": "2026-01-01"}).status_code == 403
    other = Client()
    signed_in(other, lead)
    assert other.post(path, {"review_by": "soon"}).status_code == 422
    assert other.post(path, {"review_by": "2026-01-01"}).status_code == 302
    assert 'value="2026-01-01"' in shown(other, f"{HOME}{row.public_id}/")
    assert "Gas" in shown(other, f"{HOME}?list=overdue")
    other.post(path, {"review_by": ""})
    assert "Gas" not in shown(other, f"{HOME}?list=overdue")
