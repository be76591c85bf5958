"""Acts about the help centre: readers', editors', of programs, in the administration, by task and command."""

import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core import clock
from core.ids import new_public_id
from kb import inbound_tasks, subscription_links
from kb.models import (
    Category,
    GlossaryTerm,
    ScheduledPublication,
    SearchQueryLog,
    Section,
    Subscription,
    Synonym,
    Translation,
)
from kb.services import publishing, reading, subscriptions
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person, program, run
from tests.contracts.permissions.acts_behind import chosen, form
from tests.factories import kb
from tests.support.pictures import png

NEW = ("kb.Translation", "kb.Revision")


def reader() -> Client:
    """Return a browser on a page of ours."""
    return Client(headers={"origin": settings.SITE_URL})


def draft() -> Translation:
    """Return a draft of a new article."""
    return kb.draft(f"a-{new_public_id()}", by=person())


def published() -> Translation:
    """Return a published article."""
    return kb.published(f"a-{new_public_id()}", by=person())


@act("POST help:vote", "kb.Vote")
def vote() -> Prepared:
    return Sending(reader(), at("help:vote", "en", published().public_id), {"helpful": "no", "reason": "wrong"})


@act("POST help:feedback", "kb.Feedback")
def tell_the_editors() -> Prepared:
    return Sending(reader(), at("help:feedback", "en", published().public_id), {"text": "A step is missing."})


@act("POST help:chosen", "kb.SearchQueryLog", "kb.ArticleClick")
def open_what_was_found() -> Prepared:
    reading.searched(query="coins", language="en", found=1)
    return Sending(reader(), at("help:chosen", "en", published().public_id) + "?q=coins")


@act("POST help:solved", "kb.Deflection")
def need_not_ask() -> Prepared:
    return Sending(reader(), at("help:solved"), {"id": published().public_id, "door": "web"}, kind="json")


WORDS = {"title": "Other", "summary": "", "body": "Other words.", "significance": "typo", "comment": "", "act": "save"}


def placing() -> dict[str, str]:
    """Return where an article stands, as its form sends it."""
    return {"section": str(kb.section().pk), "position": "5", "tags": "btc", "related": ""}


PLACING = frozenset({"is_staff_only", "is_faq", "slug", "seen"})


@act("POST articles:new", "kb.Article", *NEW)
def write_an_article() -> Prepared:
    who = person()
    data = {**WORDS, **placing(), "slug": f"a-{new_public_id()}", "language": "en"}
    return Sending(browser(who), at("articles:new"), data, PLACING, actor=who.actor)


@act("POST articles:edit", *NEW)
def write_the_next_revision() -> Prepared:
    who = person()
    return Sending(browser(who), at("articles:edit", draft().public_id), {**WORDS, "seen": "1"}, actor=who.actor)


@act("POST articles:translate", *NEW)
def translate_an_article() -> Prepared:
    who, article = person(), published().article
    path = at("articles:translate", article.public_id, "de")
    return Sending(browser(who), path, WORDS, frozenset({"is_machine", "seen"}), actor=who.actor)


@act("POST articles:pictures", "kb.Picture", "core.StoredFile")
def add_a_picture() -> Prepared:
    who = person()
    data = {"file": SimpleUploadedFile("a.png", png(4, 4)), "description": "A form"}
    client = browser(who)
    return lambda: client.post(at("articles:pictures"), data)


@act("POST articles:submit", "kb.Translation")
def ask_for_a_review() -> Prepared:
    who = person()
    return Sending(browser(who), at("articles:submit", draft().public_id), actor=who.actor)


@act("POST articles:publish", "kb.Translation", "kb.Review", "kb.SearchDocument")
def review_and_publish() -> Prepared:
    who = person("lead")
    # So that the search knows the words before, whichever time it is.
    published()
    listed = frozenset({"at", "comment"})
    return Sending(browser(who), at("articles:publish", draft().public_id), {"seen": "1"}, listed, actor=who.actor)


@act("POST articles:publish", "kb.ScheduledPublication", "kb.Review")
def review_and_plan() -> Prepared:
    who = person("lead")
    data = {"seen": "1", "at": "2099-01-01T00:00"}
    path = at("articles:publish", draft().public_id)
    return Sending(browser(who), path, data, frozenset({"comment"}), actor=who.actor)


@act("POST articles:send_back", "kb.Translation", "kb.Review")
def send_a_draft_back() -> Prepared:
    who, row = person("lead"), draft()
    publishing.submit(translation=row, by=person())
    return Sending(browser(who), at("articles:send_back", row.public_id), {"comment": "Which?"}, actor=who.actor)


def planned() -> ScheduledPublication:
    """Return a planned publication."""
    return publishing.schedule(translation=draft(), by=person("lead"), seen=1, at=clock.now() + timedelta(days=1))


@act("POST articles:cancel", "kb.ScheduledPublication")
def call_it_off() -> Prepared:
    who = person("lead")
    return Sending(browser(who), at("articles:cancel", planned().translation.public_id), actor=who.actor)


@act("POST articles:archive", "kb.Translation", "kb.SearchDocument")
def archive_an_article() -> Prepared:
    who = person("lead")
    return Sending(browser(who), at("articles:archive", published().public_id), actor=who.actor)


@act("POST articles:restore", *NEW)
def restore_a_revision() -> Prepared:
    who = person()
    return Sending(browser(who), at("articles:restore", published().public_id, 1), actor=who.actor)


@act("POST articles:lock", "kb.EditLock")
def take_a_text_over() -> Prepared:
    who = person()
    return Sending(browser(who), at("articles:lock", draft().public_id), actor=who.actor)


@act("POST articles:comment", "kb.Comment")
def comment_for_colleagues() -> Prepared:
    who = person()
    return Sending(browser(who), at("articles:comment", draft().public_id), {"text": "Is it so?"}, actor=who.actor)


@act("POST articles:place", "kb.Article", "kb.Translation", "kb.SlugRedirect")
def place_an_article() -> Prepared:
    who, row = person("lead"), published()
    # So that the search knows its word before, whichever time it is.
    kb.published(f"a-{new_public_id()}", by=person(), tags=("btc",))
    data = {**placing(), "slug": f"b-{new_public_id()}"}
    return Sending(browser(who), at("articles:place", row.public_id), data, PLACING, actor=who.actor)


@act("POST articles:look_again", "kb.Translation")
def look_again() -> Prepared:
    who = person("lead")
    path = at("articles:look_again", published().public_id)
    return Sending(browser(who), path, {"review_by": "2027-05-01"}, actor=who.actor)


@act("POST articles:handled", "kb.Feedback")
def deal_with_feedback() -> Prepared:
    who, row = person(), published()
    if row.published is not None:
        reading.tell(revision=row.published, text="A step is missing.")
    said = row.revisions.get().feedback.get()
    return Sending(browser(who), at("articles:handled", row.public_id, said.public_id), actor=who.actor)


BULLETIN = {
    "severity": "warning",
    "title": "False mails",
    "happened": "Somebody writes in our name.",
    "affected": "Everybody",
    "to_do": "Open nothing.",
    "products": "btc",
}
MOMENTS = frozenset({"starts_at", "ends_at"})


@act("POST articles:bulletin_new", "kb.Bulletin", "kb.BulletinText")
def warn() -> Prepared:
    who = person()
    return Sending(browser(who), at("articles:bulletin_new"), BULLETIN, MOMENTS, actor=who.actor)


@act("POST articles:bulletin_edit", "kb.Bulletin", "kb.BulletinText")
def warn_in_another_language() -> Prepared:
    who = person()
    path = at("articles:bulletin_edit", kb.bulletin().public_id, "de")
    return Sending(browser(who), path, BULLETIN, MOMENTS, actor=who.actor)


@act("POST articles:bulletin_publish", "kb.Bulletin", "kb.News")
def let_a_bulletin_out() -> Prepared:
    who = person("lead")
    return Sending(browser(who), at("articles:bulletin_publish", kb.bulletin().public_id), actor=who.actor)


@act("POST articles:bulletin_withdraw", "kb.Bulletin")
def withdraw_a_bulletin() -> Prepared:
    who = person("lead")
    path = at("articles:bulletin_withdraw", kb.running_bulletin().public_id)
    return Sending(browser(who), path, actor=who.actor)


@act("POST api:articles", "kb.Article", *NEW)
def write_an_article_by_program() -> Prepared:
    kb.section()
    data = {"slug": f"a-{new_public_id()}", "language": "en", "title": "A", "body": "B", "section": "coins"}
    listed = frozenset({"summary", "tags", "is_staff_only"})
    return Sending(program(person(), "write"), at("api:articles"), data, listed, kind="json")


@act("POST api:article", *NEW)
def revise_an_article_by_program() -> Prepared:
    data = {"title": "A", "body": "B", "seen": 1}
    listed = frozenset({"summary", "significance", "comment"})
    return Sending(program(person(), "write"), at("api:article", draft().public_id), data, listed, kind="json")


TEXTS = {
    "texts-TOTAL_FORMS": "1", "texts-INITIAL_FORMS": "0", "texts-0-language": "en", "texts-0-name": "Safety",
}  # fmt: skip
LISTED = ("position", *TEXTS)


@act("admin add kb.Category", "kb.Category", "kb.CategoryText")
def add_a_category() -> Prepared:
    return form("kb_category", {**TEXTS, "slug": f"c-{new_public_id()}", "position": "1"}, listed=LISTED)


@act("admin change kb.Category", "kb.Category", "kb.CategoryText")
def change_a_category() -> Prepared:
    row = Category.objects.create(slug=f"c-{new_public_id()}")
    return form("kb_category", {**TEXTS, "slug": row.slug, "position": "7"}, row.pk, LISTED)


@act("admin add kb.Section", "kb.Section", "kb.SectionText")
def add_a_section() -> Prepared:
    data = {**TEXTS, "slug": f"s-{new_public_id()}", "position": "1", "category": str(kb.section().category_id)}
    return form("kb_section", data, listed=LISTED)


@act("admin change kb.Section", "kb.Section", "kb.SectionText")
def change_a_section() -> Prepared:
    row = Section.objects.create(slug=f"s-{new_public_id()}", category=kb.section().category)
    data = {**TEXTS, "slug": row.slug, "position": "7", "category": str(row.category_id)}
    return form("kb_section", data, row.pk, LISTED)


def term() -> GlossaryTerm:
    """Return a term of the glossary."""
    return GlossaryTerm.objects.create(language="en", term=new_public_id(), meaning="A fee.")


@act("admin add kb.GlossaryTerm", "kb.GlossaryTerm")
def add_a_term() -> Prepared:
    return form("kb_glossaryterm", {"language": "en", "term": new_public_id(), "meaning": "A fee."})


@act("admin change kb.GlossaryTerm", "kb.GlossaryTerm")
def change_a_term() -> Prepared:
    row = term()
    return form("kb_glossaryterm", {"language": "en", "term": row.term, "meaning": "Another fee."}, row.pk)


@act("admin delete kb.GlossaryTerm", "kb.GlossaryTerm")
def delete_a_term() -> Prepared:
    who = person("admin")
    return Sending(browser(who), at("admin:kb_glossaryterm_delete", term().pk), {"post": "yes"}, actor=who.actor)


@act("admin delete_selected kb.GlossaryTerm", "kb.GlossaryTerm")
def delete_chosen_terms() -> Prepared:
    return chosen("kb_glossaryterm", "delete_selected", term().pk)


def synonym() -> Synonym:
    """Return words that mean the same."""
    return Synonym.objects.create(language="en", words=[new_public_id(), new_public_id()])


@act("admin add kb.Synonym", "kb.Synonym", "kb.SearchVersion")
def add_synonyms() -> Prepared:
    return form("kb_synonym", {"language": "en", "words": "take out, withdraw"})


@act("admin change kb.Synonym", "kb.Synonym", "kb.SearchVersion")
def change_synonyms() -> Prepared:
    return form("kb_synonym", {"language": "en", "words": "take out, withdraw"}, synonym().pk)


@act("admin delete kb.Synonym", "kb.Synonym", "kb.SearchVersion")
def delete_synonyms() -> Prepared:
    who = person("admin")
    return Sending(browser(who), at("admin:kb_synonym_delete", synonym().pk), {"post": "yes"}, actor=who.actor)


@act("admin delete_selected kb.Synonym", "kb.Synonym")
def delete_chosen_synonyms() -> Prepared:
    return chosen("kb_synonym", "delete_selected", synonym().pk)


TALK = {
    "language": "en",
    "title": "How phishing works",
    "speaker": "Our incident team",
    "minutes": "12",
    "transcript": "Look twice.",
    "position": "5",
}
SHOWN = ("is_shown", "video")


@act("admin add kb.Talk", "kb.Talk")
def add_a_talk() -> Prepared:
    return form("kb_talk", {**TALK, "slug": f"t-{new_public_id()}"}, listed=SHOWN)


@act("admin change kb.Talk", "kb.Talk")
def change_a_talk() -> Prepared:
    row = kb.talk(f"t-{new_public_id()}")
    return form("kb_talk", {**TALK, "slug": row.slug, "minutes": "15"}, row.pk, SHOWN)


@act("admin delete kb.Talk", "kb.Talk")
def delete_a_talk() -> Prepared:
    who = person("admin")
    path = at("admin:kb_talk_delete", kb.talk(f"t-{new_public_id()}").pk)
    return Sending(browser(who), path, {"post": "yes"}, actor=who.actor)


@act("admin delete_selected kb.Talk", "kb.Talk")
def delete_chosen_talks() -> Prepared:
    return chosen("kb_talk", "delete_selected", kb.talk(f"t-{new_public_id()}").pk)


ARTICLE = frozenset({"article"})


def subscribed(*, is_confirmed: bool = True) -> Subscription:
    """Return a subscription to bulletins."""
    row = Subscription.objects.create(address=f"{new_public_id()}@example.com", language="en")
    if is_confirmed:
        subscriptions.confirm(subscription=row)
    return row


@act("POST help:subscribe", "kb.Subscription", "core.Notice")
def ask_for_mail() -> Prepared:
    return Sending(reader(), at("help:subscribe", "en"), {"address": f"{new_public_id()}@example.com"}, ARTICLE)


@act("POST help:confirm", "kb.Subscription")
def confirm_an_address() -> Prepared:
    link = subscription_links.confirming(subscribed(is_confirmed=False))
    return Sending(reader(), link.removeprefix(settings.SITE_URL))


@act("POST help:unsubscribe", "kb.Subscription")
def end_mail() -> Prepared:
    return Sending(Client(), subscription_links.ending(subscribed()).removeprefix(settings.SITE_URL))


@act("task kb.send_news", "kb.News", "core.Notice")
def send_news() -> Prepared:
    subscribed()
    kb.running_bulletin()
    return partial(inbound_tasks.send_news)


@act("task kb.publish_due", "kb.ScheduledPublication", "kb.Translation")
def publish_what_is_due() -> Prepared:
    ScheduledPublication.objects.filter(pk=planned().pk).update(next_attempt_at="2026-01-01T00:00:00Z")
    return partial(inbound_tasks.publish_due)


@act("task kb.tidy", "kb.SearchQueryLog")
def tidy_the_help_centre() -> Prepared:
    SearchQueryLog.objects.create(day="2020-01-01", language="en", query=f"q {new_public_id()[:8]}")
    return partial(inbound_tasks.tidy)


@act("command kb_import", "kb.Article", *NEW)
def import_a_folder() -> Prepared:
    folder = Path(tempfile.mkdtemp())
    section, name = kb.section(), f"i-{new_public_id()}"
    place = folder / "en" / section.category.slug / section.slug
    place.mkdir(parents=True)
    (place / f"{name}.md").write_text("---\ntitle: Imported\n---\nWords.\n")
    return run("kb_import", str(folder))
