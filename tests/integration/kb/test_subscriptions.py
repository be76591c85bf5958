"""Mail to subscribers: only after a yes, in their language, once, and ended by one press."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Staff
from core import clock
from core.models import AuditEntry, Notice
from kb.models import News, Subscription, Translation
from kb.services import bulletins, news, subscriptions, writing
from kb.services.writing import Change, Wording
from kb.subscription_links import NEWS
from tests.factories import kb
from tickets.delivery import letters

HERE = {"origin": settings.SITE_URL}
LINK = re.compile(rf"{re.escape(settings.SITE_URL)}(/help/(?:confirm|unsubscribe)/\S+/)")


def subscribed(address: str, language: str = "en", article: Translation | None = None) -> Subscription:
    subscriptions.ask(address=address, language=language, article=article.article if article else None)
    row = Subscription.objects.get(address=address)
    assert subscriptions.confirm(subscription=row)
    return row


def link_in(notice: Notice) -> str:
    found = LINK.search(notice.body or "")
    assert found is not None
    return found.group(1)


@pytest.mark.attack("A7")
def test_subscription__asked_for__says_nothing_of_the_asker_and_begins_with_a_press(db: None, client: Client) -> None:
    given = {"address": "Mina@example.com", "name": "Click http://evil.example"}
    assert client.post("/help/en/subscribe/", given).status_code == 403
    first = client.post("/help/en/subscribe/", given, headers=HERE)
    mail = Notice.objects.get()
    assert "evil" not in (mail.body or "") + mail.subject
    link = link_in(mail)
    assert "Do you want our mail?" in client.get(link).content.decode()
    assert not Subscription.objects.confirmed().exists()
    assert client.post(link).status_code == 403
    assert "You get our mail now" in client.post(link, headers=HERE).content.decode()
    again = client.post("/help/en/subscribe/", given, headers=HERE)
    assert (again.content, Notice.objects.count()) == (first.content, 1)
    assert client.post("/help/en/subscribe/", {"address": "none"}, headers=HERE).status_code == 422
    assert client.get(link[:-2] + "x/").status_code == 404


def test_subscription__asked_again_and_again__is_mailed_three_times_and_forgotten_after_three_days(
    db: None, client: Client, move_time: Callable[[timedelta], None]
) -> None:
    for _time in range(5):
        subscriptions.ask(address="mina@example.com", language="en", article=None)
    assert Notice.objects.count() == 3
    link = link_in(Notice.objects.first() or Notice())
    move_time(timedelta(days=3, minutes=1))
    assert "too old" in client.post(link, headers=HERE).content.decode()
    assert subscriptions.forget_unconfirmed() == 1
    assert client.get(link).status_code == 404


def test_bulletin__published__is_mailed_once_to_each_in_their_words_and_ended_by_one_press(
    client: Client, agent: Staff, lead: Staff
) -> None:
    for address, language in (("mina@example.com", "en"), ("mei@example.com", "zh-hans")):
        subscribed(address, language)
    subscriptions.ask(address="silent@example.com", language="en", article=None)
    row = kb.bulletin(by=agent)
    words = bulletins.Words(title="假冒邮件", happened="有人冒充我们。", to_do="不要打开任何链接。")
    bulletins.write(by=agent, bulletin=row, frame=bulletins.Frame(), language="zh-hans", words=words)
    bulletins.publish(bulletin=row, by=lead)
    assert (news.send_due(), news.send_due()) == (2, 0)
    sent = {one.to_address: one for one in Notice.objects.filter(kind=NEWS)}
    assert set(sent) == {"mina@example.com", "mei@example.com"}
    assert "Open nothing." in (sent["mina@example.com"].body or "")
    assert sent["mei@example.com"].subject == "安全公告：假冒邮件"
    mail = message_from_bytes(letters.of_notice(sent["mina@example.com"]).raw)
    link = link_in(sent["mina@example.com"])
    assert mail["List-Unsubscribe"] == f"<{settings.SITE_URL}{link}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert client.get(link).status_code == 200
    assert client.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscription.objects.filter(address="mina@example.com").exists()
    done = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"subscription.asked", "subscription.confirmed", "subscription.ended", "news.sent"} <= done


def test_bulletin__withdrawn_before_its_start__is_mailed_to_nobody(
    db: None, move_time: Callable[[timedelta], None], lead: Staff
) -> None:
    subscribed("mina@example.com")
    row = kb.running_bulletin(starts_at=clock.now() + timedelta(hours=1))
    assert news.send_due() == 0
    assert News.objects.get().state == News.State.WAITING
    bulletins.withdraw(bulletin=row, by=lead)
    move_time(timedelta(hours=2))
    assert news.send_due() == 0
    assert News.objects.get().state == News.State.DONE


def test_article__changed_in_more_than_spelling__is_mailed_to_who_follows_it_in_that_language(
    agent: Staff, client: Client
) -> None:
    article = kb.published("wallets", title="Wallets")
    german = kb.translated(article.article, "de", title="Geldbörsen")
    page = client.get("/help/en/a/wallets/").content.decode()
    assert f'name="article" value="{article.public_id}"' in page
    given = {"address": "mina@example.com", "article": article.public_id}
    client.post("/help/en/subscribe/", given, headers=HERE)
    client.post(link_in(Notice.objects.get()), headers=HERE)
    subscribed("max@example.com", "de", german)
    subscribed("bulletins@example.com")
    for significance, told in (("typo", 0), ("major", 1)):
        seen = article.current.number if article.current else 0
        wording = Wording(title="Wallets", body=f"Other words: {significance}.")
        change = Change(significance=significance)
        writing.write(translation=article, by=agent, wording=wording, seen=seen, change=change)
        kb.let_out(article)
        assert news.send_due() == told
    mail = Notice.objects.get(kind=NEWS)
    assert (mail.to_address, mail.subject) == ("mina@example.com", "Changed: Wallets")
    assert "important points" in (mail.body or "")
