"""Bulletins: who lets them out, where they stand and until when, in which words, and what the feed says."""

from collections.abc import Callable
from datetime import UTC, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format

from accounts.models import Staff
from core import clock
from core.models import AuditEntry
from kb.models import Bulletin, BulletinText
from kb.services import bulletins, errors
from kb.services.bulletins import Frame, Words
from tests.cast import signed_in
from tests.factories import kb
from tests.factories.guided import deposit_form
from tests.factories.livechat import ChatInboxFactory

ATOM = "{http://www.w3.org/2005/Atom}"
CHINESE = Words(title="假冒邮件", happened="有人冒充我们。", to_do="不要打开任何链接。")


def test_bulletin__by_its_own_writer_or_without_english__is_let_out_by_nobody(lead: Staff, agent: Staff) -> None:
    own = kb.bulletin(by=lead)
    with pytest.raises(errors.OwnWork):
        bulletins.publish(bulletin=own, by=lead)
    shown = {"state": "published", "published_by": lead, "published_at": clock.now()}
    with pytest.raises(DatabaseError, match="published_by_another_person"), transaction.atomic():
        Bulletin.objects.filter(pk=own.pk).update(**shown)
    chinese = bulletins.write(by=agent, bulletin=None, frame=Frame(), language="zh-hans", words=CHINESE)
    with pytest.raises(errors.NotInEnglish):
        bulletins.publish(bulletin=chinese, by=lead)
    with pytest.raises(DatabaseError, match="in English at least"), transaction.atomic():
        Bulletin.objects.filter(pk=chinese.pk).update(**shown)
    with pytest.raises(errors.Refused):
        bulletins.publish(bulletin=chinese, by=agent)


def test_published_bulletin__written_anew__is_refused_by_service_and_database(agent: Staff) -> None:
    row = kb.running_bulletin()
    with pytest.raises(errors.Fixed):
        bulletins.write(by=agent, bulletin=row, frame=Frame(), language="zh-hans", words=CHINESE)
    for change in (
        lambda: BulletinText.objects.filter(bulletin=row).update(title="Other"),
        lambda: BulletinText.objects.create(bulletin=row, language="de", title="a", happened="b", to_do="c"),
        lambda: Bulletin.objects.filter(pk=row.pk).update(severity="info"),
    ):
        with pytest.raises(DatabaseError, match="fixed once it is published"), transaction.atomic():
            change()


def test_bulletin__with_a_secret__is_refused(agent: Staff) -> None:
    words = Words(title="Phrase", happened=" ".join(["abandon"] * 11 + ["about"]), to_do="Nothing.")
    with pytest.raises(errors.HoldsSecret):
        bulletins.write(by=agent, bulletin=None, frame=Frame(), language="en", words=words)


def test_running_bulletin__stands_above_every_page_of_customers_and_in_the_widget(
    client: Client, agent: Staff, move_time: Callable[[timedelta], None]
) -> None:
    deposit_form("guided")
    inbox = ChatInboxFactory.create()
    kb.running_bulletin("Over tomorrow", severity="info", ends_at=clock.now() + timedelta(days=1))
    kb.running_bulletin("Very bad", severity="critical")
    kb.running_bulletin("Not yet", starts_at=clock.now() + timedelta(hours=5))
    pages = ("/help/en/", "/contact/", "/contact/guided/", "/portal/sign-in/", "/verify/", f"/chat/{inbox.slug}/frame/")
    for path in pages:
        html = client.get(path).content.decode()
        assert "Over tomorrow" in html, path
        assert html.index("Very bad") < html.index("Over tomorrow"), path
        assert "Not yet" not in html
        assert html.count("data-bulletin=") == html.count("data-bulletin-close") == 1
    move_time(timedelta(days=2))
    html = client.get("/contact/").content.decode()
    assert ("Over tomorrow" in html, "Not yet" in html, "Very bad" in html) == (False, True, True)


def test_bulletin__in_another_language__is_shown_in_the_words_that_stand_in(
    client: Client, agent: Staff, lead: Staff
) -> None:
    row = kb.bulletin(by=agent)
    bulletins.write(by=agent, bulletin=row, frame=Frame(products=("btc",)), language="zh-hans", words=CHINESE)
    assert client.get(f"/help/en/bulletins/{row.public_id}/").status_code == 404
    bulletins.publish(bulletin=row, by=lead)
    for language, title in (("zh-hans", "假冒邮件"), ("zh-hant", "假冒邮件"), ("de", "False mails")):
        assert title in client.get(f"/help/{language}/bulletins/{row.public_id}/").content.decode()
        assert title in client.get(f"/help/{language}/bulletins/").content.decode()
    feed = ET.fromstring(client.get("/help/zh-hans/bulletins/feed.atom").content)  # noqa: S314 -- our own
    assert [one.text for one in feed.iter(f"{ATOM}title")][1:] == ["预警: 假冒邮件"]
    bulletins.withdraw(bulletin=row, by=lead)
    gone = client.get(f"/help/en/bulletins/{row.public_id}/").content.decode()
    assert "We have withdrawn this bulletin" in gone
    assert "Open nothing" not in gone
    assert "False mails" not in client.get("/help/en/").content.decode()
    done = AuditEntry.objects.filter(action__startswith="bulletin.").order_by("pk").values_list("action", flat=True)
    assert list(done) == ["bulletin.written", "bulletin.written", "bulletin.published", "bulletin.withdrawn"]


def test_bulletin__at_the_desk__is_written_by_one_and_let_out_by_another(agent: Staff, lead: Staff) -> None:
    writer, publisher = Client(), Client()
    signed_in(writer, agent)
    signed_in(publisher, lead)
    words = {"severity": "critical", "title": "False <b>mails", "happened": "A", "affected": "", "to_do": "B"}
    late = writer.post("/desk/articles/bulletins/new/", words | {"ends_at": "2001-01-01T10:00"})
    assert (late.status_code, Bulletin.objects.count()) == (422, 0)
    made = writer.post("/desk/articles/bulletins/new/", words | {"products": "BTC, eth", "ends_at": "2099-01-01T10:00"})
    row = Bulletin.objects.get()
    assert made.headers["Location"] == f"/desk/articles/bulletins/{row.public_id}/"
    assert (row.products, row.severity) == (["btc", "eth"], "critical")
    edited = f"/desk/articles/bulletins/{row.public_id}/in/en/"
    assert 'value="2099-01-01T10:00"' in writer.get(edited).content.decode()
    assert "False &lt;b&gt;mails" in writer.get("/desk/articles/bulletins/").content.decode()
    assert writer.post(f"/desk/articles/bulletins/{row.public_id}/publish/").status_code == 403
    publisher.post(f"/desk/articles/bulletins/{row.public_id}/publish/")
    row.refresh_from_db()
    assert (row.state, row.published_by) == ("published", lead)
    assert writer.get(edited).status_code == 404
    again = publisher.post(f"/desk/articles/bulletins/{row.public_id}/publish/")
    assert again.status_code == 422


def test_pages__to_somebody_in_another_time_zone__tell_the_times_in_utc_as_they_say(
    client: Client, lead: Staff
) -> None:
    row = kb.running_bulletin()
    row.refresh_from_db()
    Staff.objects.filter(pk=lead.pk).update(time_zone="Asia/Kathmandu")
    signed_in(client, lead)
    told = date_format(row.starts_at.astimezone(UTC), "DATETIME_FORMAT")
    for page in (
        reverse("articles:bulletin", args=[row.public_id]),
        reverse("help:bulletin", args=["en", row.public_id]),
    ):
        assert f"{told} (UTC)." in client.get(page).content.decode()
