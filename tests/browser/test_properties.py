"""Changing a case by mouse and by keyboard; two people at once; moving about the desk without a mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import TopicFactory, mail_ticket
from tests.support.system import wait_for
from tickets.models import Mailbox, Tag, Ticket, Topic

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]


@pytest.fixture
def ticket(mailbox: Mailbox) -> Ticket:
    """A new case of its own customer."""
    address = desk.unique("mina").replace(" ", "-") + "@example.com"
    return mail_ticket(address=address, subject=desk.unique("Withdrawal pending"), mailbox=mailbox)


@pytest.fixture
def topic(system_db: str) -> Topic:
    """A contact reason."""
    found: Topic = TopicFactory.create()
    return found


@pytest.fixture
def tags(system_db: str) -> list[Tag]:
    """Two labels."""
    return [Tag.objects.get_or_create(name=name)[0] for name in ("chain halt", "phishing")]


def focus_page(page: Page) -> None:
    """Put the focus where single keys are commands."""
    page.locator("#case-subject").focus()


def test_properties__by_mouse__are_changed_shown_and_kept(
    hire: Hire, open_desk: OpenDesk, ticket: Ticket, topic: Topic, tags: list[Tag]
) -> None:
    person = hire("Mara Mouse")
    page = open_desk(person, desk.ticket_path(ticket))

    desk.choose(page, "Assignee", "Mara Mouse")
    expect(desk.shown(page, "Assignee")).to_contain_text("Mara Mouse")
    desk.choose(page, "Status", "Pending")
    expect(desk.shown(page, "Status")).to_contain_text("Pending")
    desk.choose(page, "Priority", "Urgent")
    expect(desk.shown(page, "Priority")).to_contain_text("Urgent")
    desk.shown(page, "Tags").click()
    for tag in tags:
        page.get_by_role("checkbox", name=tag.name).check()
    page.get_by_role("button", name="Save tags").click()
    expect(desk.shown(page, "Tags")).to_contain_text("phishing")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.locator(".case-notices")).to_contain_text("Choose a topic")
    desk.choose(page, "Topic", f"Withdrawals › {topic.name}")
    expect(desk.shown(page, "Topic")).to_contain_text(topic.name)
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(desk.shown(page, "Status")).to_contain_text("Resolved")

    ticket.refresh_from_db()
    assert (ticket.status, ticket.priority, ticket.assignee, ticket.topic) == ("resolved", "urgent", person, topic)
    assert set(ticket.tags.all()) == set(tags)
    expect(page.locator("#messages .event")).to_have_count(6)


@pytest.mark.parametrize("key", ["a", "p", "l", "s"])
def test_menu__opened_by_its_key__has_the_focus_before_anything_else_is_typed(
    hire: Hire, open_desk: OpenDesk, ticket: Ticket, topic: Topic, tags: list[Tag], key: str
) -> None:
    page = open_desk(hire("Kim Quick"), desk.ticket_path(ticket))

    is_inside = page.locator("#case-subject").evaluate(
        """(subject, key) => {
          subject.focus();
          subject.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
          return document.activeElement.closest("details[open] .menu-panel") !== null;
        }""",
        key,
    )

    assert is_inside


def test_properties__by_keyboard__are_changed_without_a_mouse(
    hire: Hire, open_desk: OpenDesk, ticket: Ticket, topic: Topic, tags: list[Tag]
) -> None:
    person = hire("Kay Keys")
    page = open_desk(person, desk.ticket_path(ticket))
    focus_page(page)

    page.keyboard.press("a")
    page.keyboard.type("Kay K")
    page.keyboard.press("Enter")
    expect(desk.shown(page, "Assignee")).to_contain_text("Kay Keys")
    page.keyboard.press("p")
    expect(page.locator("#case-header details[open] .menu-item:focus")).to_contain_text("Normal")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(desk.shown(page, "Priority")).to_contain_text("High")
    page.keyboard.press("l")
    expect(page.locator("#case-header details[open] input:focus")).to_have_count(1)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(desk.shown(page, "Tags")).not_to_contain_text("Add tags")
    page.keyboard.press("e")
    expect(page.locator(".case-notices")).to_contain_text("Choose a topic")
    page.keyboard.press("Control+k")
    page.keyboard.type("Topic")
    page.keyboard.press("Enter")
    choice = page.locator("#case-header details[open]").get_by_role("button", name=f"Withdrawals › {topic.name}")
    expect(choice).to_be_visible()
    choice.focus()
    page.keyboard.press("Enter")
    expect(desk.shown(page, "Topic")).to_contain_text(topic.name)
    page.keyboard.press("e")
    expect(desk.shown(page, "Status")).to_contain_text("Resolved")
    page.keyboard.press("u")
    expect(page.locator("#case-header details[open]")).to_contain_text("Change status")
    page.keyboard.press("Escape")
    expect(page.locator("#case-header details[open]")).to_have_count(0)

    ticket.refresh_from_db()
    assert (ticket.status, ticket.priority, ticket.assignee) == ("resolved", "high", person)


def test_status__changed_in_another_tab_first__is_a_conflict_and_not_overwritten(
    hire: Hire, open_desk: OpenDesk, ticket: Ticket
) -> None:
    slow = open_desk(hire("Sam Slow"), desk.ticket_path(ticket))
    quick = open_desk(hire("Quinn Quick"), desk.ticket_path(ticket))
    # An open menu is left alone by live updates: its owner decides on what they saw.
    desk.shown(slow, "Status").click()
    desk.choose(quick, "Status", "On hold")
    expect(desk.shown(quick, "Status")).to_contain_text("On hold")

    slow.locator("#case-header details[open]").get_by_role("button", name="Pending").click()

    notice = slow.locator(".case-notices")
    expect(notice).to_contain_text("changed this ticket first")
    expect(desk.shown(slow, "Status")).to_contain_text("On hold")
    ticket.refresh_from_db()
    assert ticket.status == "on_hold"
    desk.choose(slow, "Status", "Pending")
    expect(desk.shown(slow, "Status")).to_contain_text("Pending")
    expect(desk.shown(quick, "Status")).to_contain_text("Pending")


def test_counts__ticket_taken_by_a_colleague__change_without_reloading(
    hire: Hire, open_desk: OpenDesk, ticket: Ticket
) -> None:
    person = hire("Cleo Count")
    page = open_desk(person, "/desk/views/mine/")
    expect(page.locator('[data-view-link="mine"] [data-count]')).to_have_text("0")
    desk.choose(open_desk(hire("Lin Lead", "lead"), desk.ticket_path(ticket)), "Assignee", "Cleo Count")

    expect(page.locator('[data-view-link="mine"] [data-count]')).to_have_text("1")
    page.locator("[data-news]").get_by_role("button", name="1 new").click()
    expect(desk.row(page, ticket.subject)).to_be_visible()


def test_keys__list_and_ticket__work_as_the_key_map_says(
    hire: Hire, open_desk: OpenDesk, mailbox: Mailbox, ticket: Ticket
) -> None:
    second = mail_ticket(address=ticket.requester_address, subject=desk.unique("Second question"), mailbox=mailbox)
    page = open_desk(hire())
    focused = page.locator("[data-row-link]:focus")
    page.keyboard.press("j")
    expect(focused).to_contain_text(second.subject)
    page.keyboard.press("j")
    expect(focused).to_contain_text(ticket.subject)
    page.keyboard.press("k")
    expect(focused).to_contain_text(second.subject)
    page.keyboard.press("Enter")
    expect(page.locator("#case-subject")).to_have_text(second.subject)
    desk.expect_path(page, f"/desk/tickets/{second.public_id}/")

    page.keyboard.press("n")
    expect(page.locator("#composer-text")).to_be_focused()
    expect(page.locator("[name=mode][value=note]")).to_be_checked()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("#composer-text")).to_be_focused()
    expect(page.locator("[name=mode][value=reply]")).to_be_checked()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("u")
    desk.expect_path(page, "/desk/views/unassigned/")
    expect(page.locator("#queue-title")).to_have_text("Unassigned")


def test_palette__some_letters__jumps_to_a_view_or_a_ticket(hire: Hire, open_desk: OpenDesk, ticket: Ticket) -> None:
    page = open_desk(hire())
    page.keyboard.press("Control+k")
    page.keyboard.type(ticket.subject)
    page.keyboard.press("Enter")
    expect(page.locator("#case-subject")).to_have_text(ticket.subject)
    page.keyboard.press("Control+k")
    page.keyboard.type("resolv")
    expect(page.locator("[data-palette-list] [aria-selected=true]")).to_be_visible()
    page.locator("[data-palette-input]").fill("Resolved")
    page.keyboard.press("Enter")
    desk.expect_path(page, "/desk/views/resolved/")
    page.keyboard.press("Control+k")
    page.keyboard.type("zzzz nothing")
    expect(page.locator("[data-palette-list]")).to_contain_text("Nothing matches")


def test_row__changed_while_the_list_is_open__is_mended_where_it_stands(
    hire: Hire, open_desk: OpenDesk, ticket: Ticket
) -> None:
    page = open_desk(hire())
    expect(desk.row(page, ticket.subject)).not_to_contain_text("Urgent")
    desk.choose(open_desk(hire("Lin Lead", "lead"), desk.ticket_path(ticket)), "Priority", "Urgent")
    wait_for(lambda: desk.row(page, ticket.subject).locator(".prio-urgent").count() == 1, "the row's new priority")
