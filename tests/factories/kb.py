"""Articles for tests, written and published by the services that the product uses."""

from typing import Any

from accounts.models import Staff
from core.clock import DatabaseNow
from kb.models import (
    Article,
    Bulletin,
    BulletinText,
    Category,
    CategoryText,
    Feedback,
    Review,
    Revision,
    Section,
    SectionText,
    Talk,
    Translation,
)
from kb.services import bulletins, publishing, writing
from kb.services.writing import Change, Placing, Wording
from tests.factories.accounts import StaffFactory


def section(slug: str = "coins", category: str = "deposits") -> Section:
    """Return a section, made once, with names in English and Chinese."""
    shelf, _new = Category.objects.get_or_create(slug=category)
    for code, name in (("en", "Deposits"), ("zh-hans", "充值")):
        CategoryText.objects.get_or_create(category=shelf, language=code, defaults={"name": name})
    made, _new = Section.objects.get_or_create(slug=slug, defaults={"category": shelf})
    for code, name in (("en", "Coins"), ("zh-hans", "币种")):
        SectionText.objects.get_or_create(section=made, language=code, defaults={"name": name})
    return made


def draft(slug: str = "first", *, by: Staff | None = None, language: str = "en", **more: Any) -> Translation:
    """Return a draft of a new article."""
    wording = Wording(
        title=more.pop("title", slug.replace("-", " ").capitalize()),
        body=more.pop("body", "Some words about coins."),
        summary=more.pop("summary", ""),
    )
    placing = Placing(section=more.pop("section", None) or section(), **more)
    return writing.add(
        by=by or StaffFactory.create(role="agent"), slug=slug, placing=placing, language=language, wording=wording
    )


def published(slug: str = "first", *, by: Staff | None = None, **more: Any) -> Translation:
    """Return a published article of one translation."""
    return let_out(draft(slug, by=by, **more))


def let_out(translation: Translation, *, by: Staff | None = None) -> Translation:
    """Publish the newest revision, by another person."""
    seen = translation.current.number if translation.current else 0
    publishing.publish(translation=translation, by=by or StaffFactory.create(role="lead"), seen=seen)
    return translation


def translated(article: Article, language: str, *, change: Change = writing.FIRST, **words: str) -> Translation:
    """Return a published translation of an article."""
    made = writing.translate(
        article=article,
        language=language,
        by=StaffFactory.create(role="agent"),
        wording=Wording(title=words.get("title", article.slug), body=words.get("body", "Words.")),
        change=change,
    )
    return let_out(made)


def bulletin(title: str = "False mails", *, by: Staff | None = None, **frame: Any) -> Bulletin:
    """Return a draft of a bulletin, in English."""
    words = bulletins.Words(title=title, happened="Somebody writes in our name.", to_do="Open nothing.")
    author = by or StaffFactory.create(role="agent")
    return bulletins.write(by=author, bulletin=None, frame=bulletins.Frame(**frame), language="en", words=words)


def running_bulletin(title: str = "False mails", **frame: Any) -> Bulletin:
    """Return a bulletin that stands above the pages now."""
    made = bulletin(title, **frame)
    bulletins.publish(bulletin=made, by=StaffFactory.create(role="lead"))
    return made


def placed_bulletin(public_id: str, *, author: Staff, publisher: Staff | None = None) -> None:
    """Write a bulletin of a known id, beside every service: running, or a draft."""
    row = Bulletin.objects.create(public_id=public_id, author=author)
    BulletinText.objects.create(bulletin=row, language="en", title="Matrix", happened="It did.", to_do="Nothing.")
    if publisher is not None:
        shown = {"state": "published", "published_by": publisher, "published_at": DatabaseNow()}
        Bulletin.objects.filter(pk=row.pk).update(**shown)


def talk(slug: str = "phishing", **more: Any) -> Talk:
    """Return a recorded talk that is shown."""
    given = {"title": "How phishing works", "speaker": "Our incident team", "minutes": 12, "transcript": "Look twice."}
    return Talk.objects.create(slug=slug, is_shown=True, **(given | more))


def person(role: str) -> Staff:
    """Return somebody else of staff."""
    made: Staff = StaffFactory.create(role=role)
    return made


def placed(public_id: str, *, feedback: str, author: Staff, reviewer: Staff) -> Translation:
    """Return a published article of a known id, in `matrix` › `matrix-part`, beside every service."""
    shelf = section("matrix-part", "matrix")
    article = Article.objects.create(public_id=public_id, slug="matrix-article", section=shelf)
    row = Translation.objects.create(public_id=public_id, article=article, language="en", slug="matrix-article")
    revision = Revision.objects.create(
        translation=row, number=1, title="Matrix", body="Words.", html="<p>Words.</p>", author=author
    )
    Review.objects.create(revision=revision, reviewer=reviewer, verdict="approved")
    shown = {"published": revision, "published_at": DatabaseNow(), "first_published_at": DatabaseNow()}
    Feedback.objects.create(public_id=feedback, revision=revision, text="A step is missing.")
    Translation.objects.filter(pk=row.pk).update(current=revision, state="published", **shown)
    return row
