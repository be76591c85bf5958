"""The help centre: a reader without script on a phone, in Chinese too; and an article from the first key to its readers."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from kb.models import State, Translation, Vote
from kb.services import bulletins
from tests.browser import axe, desk
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_languages_and_widths import PHONE, overflow_px
from tests.factories import kb
from tests.support.system import RunningSystem

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]
BODY = "## What it is\n\n:::warning\nNever send it to the wrong network.\n:::\n\n:::steps\n1. Copy it.\n2. Send it.\n:::\n\n| a | b |\n|---|---|\n| 1 | 2 |"


def test_reader__without_script_on_a_phone__finds_reads_and_votes(
    system_db: str, running_system: RunningSystem, open_context: OpenContext
) -> None:
    slug = desk.unique("memo").replace(" ", "-").lower()
    made = kb.published(slug, title="Memos and tags", body=BODY, summary="What a memo is for.", section=kb.section())
    kb.translated(made.article, "zh-hans", title="备注和标签", body="转账时请填写备注。")
    bulletin, talk = kb.running_bulletin(desk.unique("False mails")), kb.talk(f"talk-{slug}")
    page = open_context(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto(f"{running_system.url}/help/en/")
    page.get_by_label("Search the help centre").fill("memmo")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Did you mean")
    page.get_by_role("link", name="Memos and tags").first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Memos and tags")
    page.get_by_role("button", name="No", exact=True).press("Enter")
    page.get_by_label("Something is missing").check()
    page.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    assert Vote.objects.get(revision=made.published).reason == "incomplete"
    # The same with script, for who looks at it with a tool.
    seen = open_context(viewport=PHONE).new_page()
    addresses = [
        "",
        "search/?q=memo",
        f"a/{slug}/",
        "c/deposits/",
        "faq/",
        "glossary/",
        "contact/",
        "bulletins/",
        "talks/",
    ]
    addresses += [f"bulletins/{bulletin.public_id}/", f"talks/{talk.slug}/", "quiz/", "quiz/?said=rs"]
    for language in ("en", "zh-hans"):
        for address in addresses if language == "en" else addresses[:3]:
            seen.goto(f"{running_system.url}/help/{language}/{address}")
            assert axe.violations(seen) == [], (language, address)
            assert overflow_px(seen) <= 0, (language, address)
    expect(seen.get_by_role("heading", level=1)).to_have_text("备注和标签")
    # Put away once, it stays away where pages have a script.
    seen.goto(f"{running_system.url}/contact/")
    assert axe.violations(seen) == []
    seen.get_by_role("button", name=f"Close: {bulletin.texts.get().title}").press("Enter")
    seen.reload()
    expect(seen.get_by_text(bulletin.texts.get().title, exact=True)).to_be_hidden()
    bulletins.withdraw(bulletin=bulletin, by=kb.person("lead"))


def test_article__written_by_keyboard_and_reviewed_by_another__is_shown(hire: Hire, open_desk: OpenDesk) -> None:
    kb.section()
    title = desk.unique("Gas prices")
    page = open_desk(hire(), reverse("articles:new"))
    page.get_by_label("Section", exact=True).select_option(index=1)
    page.get_by_label("Short name", exact=True).fill(title.replace(" ", "-").lower())
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("Text (Markdown)").fill("**Gas** pays for work.")
    page.get_by_role("button", name="Preview").press("Enter")
    expect(page.locator(".prose strong")).to_have_text("Gas")
    assert axe.violations(page) == []
    page.get_by_role("button", name="Save draft").press("Enter")
    page.get_by_role("button", name="Ask for a review").press("Enter")
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    made = Translation.objects.get(current__title=title)
    assert made.state == State.REVIEW
    lead = open_desk(hire("Lin Lead", "lead"), reverse("articles:home") + "?list=review")
    assert axe.violations(lead) == []
    lead.get_by_role("link", name=title).press("Enter")
    assert axe.violations(lead) == []
    lead.get_by_role("button", name="Approve and publish").press("Enter")
    lead.get_by_role("link", name="As readers see it").press("Enter")
    expect(lead.get_by_role("heading", level=1)).to_have_text(title)
