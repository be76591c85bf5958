"""What subscribers are owed: a row with the bulletin or the change, then a mail to each of them, in order and once."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from core import audit, notices
from kb import languages, subscription_links
from kb.markdown import render
from kb.models import Bulletin, News, Revision, Significance, Subscription, Translation
from kb.selectors import bulletins, followers

LEASE_S = 60
SWEPT = 10
CHUNK, CHUNKS = 100, 20


def owe_bulletin(bulletin: Bulletin, *, at: datetime) -> None:
    """Owe a bulletin to whoever wants bulletins, from its start on; inside the transaction that publishes."""
    News.objects.create(bulletin=bulletin, next_attempt_at=at)


def owe_change(revision: Revision, *, is_first: bool) -> None:
    """Owe a change of more than spelling to whoever follows the article; inside the transaction that publishes."""
    if is_first or revision.significance == Significance.TYPO:
        return
    if Subscription.objects.confirmed().filter(article=revision.translation.article_id).exists():
        News.objects.get_or_create(revision=revision)


def send_due() -> int:
    """Send what is due; return how many mails were queued."""
    done = 0
    for pk in News.objects.due().values_list("pk", flat=True)[:SWEPT]:
        row = News.claim_row(pk, lease_s=LEASE_S)
        if row is not None:
            done += _send(row)
    return done


def _send(row: News) -> int:
    done = 0
    for _chunk in range(CHUNKS):
        told = _send_chunk(row)
        if told is None:
            return done
        done += told
    if row.lease_token is not None:
        News.settle(row.pk, row.lease_token, state=News.State.WAITING)
    return done


def _send_chunk(row: News) -> int | None:
    """Queue the next mails and note how far it came, in one commit; None when nobody is left or the lease is lost."""
    token = row.lease_token
    with transaction.atomic():
        if token is None or not News.renew(row.pk, token, lease_s=LEASE_S):
            return None
        told = list(followers.of(row).filter(pk__gt=row.reached).order_by("pk")[:CHUNK])
        if not told:
            if News.settle(row.pk, token, state=News.State.DONE):
                audit.record("news.sent", actor=audit.SYSTEM, obj=("news", row.public_id), detail={"told": row.told})
            return None
        for one in told:
            _mail(row, one)
        row.reached, row.told = told[-1].pk, row.told + len(told)
        News._base_manager.filter(pk=row.pk).update(reached=row.reached, told=F("told") + len(told))
    return len(told)


def _mail(row: News, to: Subscription) -> None:
    language = languages.spoken(to.language)
    with translation.override(language):
        subject, parts = _of_bulletin(row, to) if row.bulletin_id else _of_change(row, to)
        why = gettext("You get this mail because you asked for it on our help centre. To end it, open:")
    body = "\n\n".join([*parts, why, subscription_links.ending(to)])
    kind = subscription_links.NEWS
    notices.send(kind=kind, to=to.address, subject=" ".join(subject.split())[:250], body=body, language=language)


def _of_bulletin(row: News, to: Subscription) -> tuple[str, list[str]]:
    if row.bulletin is None:
        raise ValueError(row.pk)
    shown = bulletins.one(row.bulletin.public_id, to.language)
    if shown is None:
        raise ValueError(row.pk)
    link = settings.SITE_URL + reverse("help:bulletin", args=[to.language, shown.public_id])
    to_do = render(shown.to_do, language=shown.language).text.strip()
    subject = gettext("Security bulletin: %(title)s") % {"title": shown.title}
    return subject, [f"{shown.severity_name}: {shown.title}", gettext("What to do:"), to_do, link]


def _of_change(row: News, to: Subscription) -> tuple[str, list[str]]:
    revision = row.revision
    if revision is None:
        raise ValueError(row.pk)
    slug = Translation.objects.values_list("slug", flat=True).get(pk=revision.translation_id)
    link = settings.SITE_URL + reverse("help:article", args=[to.language, slug])
    subject = gettext("Changed: %(title)s") % {"title": revision.title}
    is_major = revision.significance == Significance.MAJOR
    told = (
        gettext("An article that you follow has changed in important points:")
        if is_major
        else gettext("An article that you follow has changed:")
    )
    return subject, [told, revision.title, link]
