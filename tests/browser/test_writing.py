"""Writing: notes, drafts, undo, replies that have become stale, and files by every way they can come."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser import desk, mails, scenes
from tests.browser.conftest import Hire, OpenDesk
from tests.factories.tickets import answer, mail_ticket
from tests.support.system import RunningSystem, wait_for
from tickets.models import Draft, Mailbox, Message, OutboundMail, Ticket, Upload

pytestmark = [pytest.mark.xdist_group("system"), pytest.mark.usefixtures("mailbox")]

# What a browser does when a person pastes or drops a file: the event carries a DataTransfer.
GIVE_FILE = """(target, { kind, name, type, text }) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name, { type }));
  const options = { bubbles: true, cancelable: true };
  if (kind === "paste") target.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: carried }));
  else for (const step of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(step, { ...options, dataTransfer: carried }));
}"""


@pytest.fixture
def ticket(mailbox: Mailbox) -> Ticket:
    """A new case of a proven customer."""
    address = desk.unique("mina").replace(" ", "-") + "@example.com"
    return mail_ticket(address=address, subject=desk.unique("Withdrawal pending"), mailbox=mailbox)


def waiting_files(page: Page) -> list[str]:
    return page.locator("[data-files] > li .file-name").all_inner_texts()


def test_note__added__is_shown_as_internal_and_sends_nothing(hire: Hire, open_desk: OpenDesk, ticket: Ticket) -> None:
    page = open_desk(hire(), desk.ticket_path(ticket))
    page.get_by_text("Note", exact=True).click()
    desk.write(page, "He called too; be kind.")
    desk.send(page)

    expect(desk.message(page, "He called too; be kind.")).to_contain_text("Internal note")
    expect(page.locator("#composer-text")).to_have_value("")
    note = Message.objects.get(ticket=ticket, kind="note")
    assert note.public_seq is None
    assert not OutboundMail.objects.filter(message=note).exists()


def test_draft__page_loaded_again__is_there_from_the_server(hire: Hire, open_desk: OpenDesk, ticket: Ticket) -> None:
    person = hire()
    page = open_desk(person, desk.ticket_path(ticket))
    desk.write(page, "Half a sen")
    expect(page.locator("[data-draft-state]")).to_have_text("Saved")
    page.get_by_text("Note", exact=True).click()
    desk.write(page, "and half a note")
    expect(page.locator("[data-draft-state]")).to_have_text("Saved")
    kept = dict(Draft.objects.filter(ticket=ticket, staff=person).values_list("kind", "text"))
    assert kept == {"reply": "Half a sen", "note": "and half a note"}

    elsewhere = open_desk(person, desk.ticket_path(ticket))

    expect(elsewhere.locator("#composer-text")).to_have_value("Half a sen")
    elsewhere.get_by_text("Note", exact=True).click()
    expect(elsewhere.locator("#composer-text")).to_have_value("and half a note")
    page.reload()
    expect(page.locator("#composer-text")).to_have_value("Half a sen")


def test_draft__left_at_once__is_kept(hire: Hire, open_desk: OpenDesk, ticket: Ticket) -> None:
    person = hire()
    page = open_desk(person, desk.ticket_path(ticket))
    desk.write(page, "Typed and gone")
    page.locator('a[data-palette="Account and security"]').evaluate("link => link.click()")
    desk.expect_path(page, "/account/")

    kept = Draft.objects.filter(ticket=ticket, staff=person, text="Typed and gone")
    wait_for(kept.exists, "the draft of a page that was left")


def test_undo__within_the_window__brings_the_text_back_and_sends_nothing(
    hire: Hire, open_desk: OpenDesk, ticket: Ticket, running_system: RunningSystem
) -> None:
    page = open_desk(hire(), desk.ticket_path(ticket))
    desk.write(page, "Sent too soon.")
    desk.send(page)
    page.locator("[data-undo]").get_by_role("button", name="Undo").click()

    expect(page.locator("#composer-text")).to_have_value("Sent too soon.")
    expect(page.locator("#messages")).to_contain_text("before it was sent")
    expect(page.locator("[data-undo]")).to_have_count(0)
    row = OutboundMail.objects.get(message__ticket=ticket, is_automatic=False)
    assert row.state == OutboundMail.State.CANCELLED
    # The next reply leaves, the one taken back has not: the order of the queue shows it.
    desk.write(page, "Now it is right.")
    desk.send(page)
    mails.sent_to(running_system, ticket.requester_address, saying="Now it is right.")
    letters = [mails.part(mails.read(path), "plain") for path in running_system.postbox.glob("*.eml")]
    assert not any("Sent too soon." in text for text in letters)


def test_reply__customer_wrote_meanwhile__is_stale_until_sent_anyway(
    hire: Hire, open_desk: OpenDesk, ticket: Ticket
) -> None:
    answer(ticket, "\n".join(f"Line {number} of a long story." for number in range(80)))
    page = open_desk(hire(), desk.ticket_path(ticket))
    page.locator("[data-timeline]").evaluate("box => { box.scrollTop = 0; }")
    desk.write(page, "Please wait for it.")
    answer(ticket, "It has arrived just now!")
    expect(page.locator("[data-jump]")).to_contain_text("1 new message")
    desk.send(page)

    notice = page.locator(".composer-notice")
    expect(notice).to_contain_text("1 new message came in while you wrote. Nothing was sent.")
    expect(notice).to_contain_text("It has arrived just now!")
    expect(page.locator("#composer-text")).to_have_value("Please wait for it.")
    assert not Message.objects.filter(ticket=ticket, direction="out", kind="reply", is_automatic=False).exists()
    page.get_by_role("button", name="Send anyway").click()
    expect(desk.message(page, "Please wait for it.")).to_be_visible()


def test_reply__empty__says_what_to_do(hire: Hire, open_desk: OpenDesk, ticket: Ticket) -> None:
    page = open_desk(hire(), desk.ticket_path(ticket))
    page.locator("#composer-text").focus()
    desk.send(page)
    expect(page.locator(".composer-notice")).to_contain_text("Write something or attach a file first.")


def test_attachments__by_button_paste_and_drop__are_sent_except_the_one_removed(
    hire: Hire, open_desk: OpenDesk, ticket: Ticket, running_system: RunningSystem
) -> None:
    person = hire()
    page = open_desk(person, desk.ticket_path(ticket))
    page.locator("[data-file-input]").set_input_files(
        {"name": "proof.png", "mimeType": "image/png", "buffer": scenes.PNG}
    )
    expect(page.locator("[data-files] > li[data-file]")).to_have_count(1)
    for number, kind in enumerate(("paste", "drop"), start=2):
        target = "#composer-text" if kind == "paste" else "#timeline"
        given = {"kind": kind, "name": f"{kind}.txt", "type": "text/plain", "text": f"by {kind}"}
        page.locator(target).evaluate(GIVE_FILE, given)
        expect(page.locator("[data-files] > li[data-file]")).to_have_count(number)
    assert waiting_files(page) == ["proof.png", "paste.txt", "drop.txt"]

    page.get_by_role("button", name="Remove paste.txt").click()
    expect(page.locator("[data-files] > li")).to_have_count(2)
    page.reload()
    expect(page.locator("[data-files] > li[data-file]")).to_have_count(2)
    desk.write(page, "Two files for you.")
    desk.send(page)

    sent = desk.message(page, "Two files for you.")
    expect(sent.locator(".files .file-name")).to_have_text(["proof.png", "drop.txt"])
    expect(page.locator("[data-files] > li")).to_have_count(0)
    mail = mails.sent_to(running_system, ticket.requester_address, saying="Two files for you.")
    assert [part.get_filename() for part in mail.iter_attachments()] == ["proof.png", "drop.txt"]
    assert not Upload.objects.filter(staff=person).exists()
    with page.expect_download() as saved, page.expect_popup():
        sent.get_by_role("link", name="drop.txt").click()
    assert saved.value.suggested_filename == "drop.txt"


def test_attachment__larger_than_allowed__is_refused_with_the_limit(
    hire: Hire, open_desk: OpenDesk, ticket: Ticket
) -> None:
    page = open_desk(hire(), desk.ticket_path(ticket))
    page.locator("[data-composer]").evaluate("form => { form.dataset.maxBytes = '1048576'; }")
    big: FilePayload = {"name": "big.bin", "mimeType": "application/octet-stream", "buffer": b"\0" * 1_100_000}
    page.locator("[data-file-input]").set_input_files(big)
    expect(page.locator("[data-files] .file-bad")).to_contain_text("Larger than 1 MB")
