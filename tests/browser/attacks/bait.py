"""Rows whose every word is a payload, written past the services, and a look at many pages inside one."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from playwright.sync_api import ConsoleMessage, Dialog, Page

from accounts.models import Customer, CustomerAddress, Staff
from core.clock import DatabaseNow
from core.models import StoredFile
from kb.markdown import render
from kb.models import Article, Bulletin, BulletinText, GlossaryTerm, Review, Revision, Talk, Translation
from tests.browser.canary import Canary
from tests.factories import kb
from tickets.models import Attachment, Draft, Mailbox, Message, Ticket

# Chromium's words for what it stopped: somebody's script or address came as far as the page.
STOPPED = ("Content Security Policy", "Content-Security-Policy", "Blocked script", "Refused to")
LOOK = """async (paths) => {
  const wrong = [];
  const look = async (path) => {
    const answer = await fetch(path, {headers: {"X-Background": "1"}});
    if (answer.status !== 200) wrong.push(`${answer.status} ${path}`);
    const shown = document.createRange().createContextualFragment(await answer.text());
    for (const one of shown.querySelectorAll("script[src], link, template")) {
      if ((one.getAttribute("src") || one.getAttribute("href") || "/static/").startsWith("/static/")) one.remove();
    }
    const place = document.createElement("div");
    document.body.append(place);
    place.append(shown);
    for (const one of place.querySelectorAll("[autofocus]")) one.focus();
    await new Promise((done) => requestAnimationFrame(done));
    place.remove();
  };
  const waiting = [...paths];
  const worker = async () => { for (let path; (path = waiting.shift()); ) await look(path); };
  await Promise.all([worker(), worker(), worker()]);
  return wrong;
}"""


@dataclass
class Ears:
    """What a page said that it should not have: dialogs, and scripts or addresses that the browser stopped."""

    dialogs: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def listen_to(self, page: Page) -> Page:
        """Hear `page` from now on."""
        page.on("dialog", self._asked)
        page.on("console", self._said)
        return page

    def _asked(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _said(self, message: ConsoleMessage) -> None:
        if any(words in message.text for words in STOPPED):
            self.stopped.append(message.text[:300])

    def heard(self, canary: Canary) -> tuple[list[str], list[str], list[str]]:
        """All three: nothing is right."""
        return self.dialogs, self.stopped, canary.heard


def look_at(page: Page, paths: Sequence[str]) -> None:
    """Parse each path's HTML into the open page, scripts included, under the page's own policy."""
    wrong = page.evaluate(LOOK, list(paths))
    assert wrong == []


@transaction.atomic
def tickets(mailbox: Mailbox, person: Staff, payloads: Sequence[str]) -> list[Ticket]:
    """Write a case of `person` for each payload: it is the subject, every name, every text, the file and the draft."""
    cases = []
    for payload in payloads:
        who = Customer.objects.create(name=payload[:160])
        address = f"bait-{secrets.token_hex(6)}@example.com"
        CustomerAddress.objects.create(customer=who, kind="email", value=address)
        case = Ticket.objects.create(
            subject=payload[:400],
            channel="email",
            requester=who,
            requester_address=address,
            is_requester_proven=True,
            mailbox=mailbox,
            assignee=person,
            last_seq=5,
            last_public_seq=2,
            last_line=payload[:200],
        )
        Draft.objects.create(ticket=case, staff=person, kind="reply", text=payload)
        Draft.objects.create(ticket=case, staff=person, kind="note", text=payload)
        cases.append(case)
        _write(case, person, payload)
    return cases


def _write(case: Ticket, person: Staff, payload: str) -> None:
    told = {"ticket": case, "channel": "email", "text": payload, "quoted_text": payload}
    claimed = {"sender_name": payload[:160], "sender_address": payload[:300], "reply_to_address": payload[:300]}
    asked = Message(
        seq=1, public_seq=1, kind="reply", direction="in", customer=case.requester, sender_role="requester",
        copied_addresses=[payload[:300]], **told, **claimed,
    )  # fmt: skip
    stranger = Message(seq=2, kind="reply", direction="in", sender_role="third_party", **told, **claimed)
    answered = Message(
        seq=3, public_seq=2, kind="reply", direction="out", staff=person, sender_role="staff", sender_name=payload[:160],
        **told,
    )  # fmt: skip
    note = Message(seq=4, kind="note", direction="out", staff=person, sender_role="staff", **told)
    left_out = Message(
        ticket=case, seq=5, kind="event", direction="out", channel="email", sender_role="system",
        event="files_left_out", event_data={"count": 1, "names": payload},
    )  # fmt: skip
    Message.objects.bulk_create([asked, stranger, answered, note, left_out])
    # No bytes behind it: nobody opens it, its name is what is shown.
    file = StoredFile.objects.create(
        storage_name=f"ba/it/{secrets.token_hex(18)}",
        name=payload[:180],
        content_type="text/plain",
        size=1,
        sha256="0" * 64,
    )
    Attachment.objects.create(message=asked, file=file)


@dataclass
class HelpCentre:
    """Rows of the help centre whose every word is a payload, and the pages that show them."""

    pages: list[str]
    bulletins: list[Bulletin]
    translations: list[Translation]
    run: str
    publisher: Staff

    def remove(self) -> None:
        """Take them away from readers: no other test sees them."""
        gone = {"state": "withdrawn", "withdrawn_by": self.publisher, "withdrawn_at": DatabaseNow()}
        Bulletin.objects.filter(pk__in=[row.pk for row in self.bulletins]).update(**gone)
        shown = Translation.objects.filter(pk__in=[row.pk for row in self.translations])
        shown.update(state="archived", published=None)
        GlossaryTerm.objects.filter(term__startswith=self.run).delete()
        Talk.objects.filter(slug__startswith=self.run).delete()


@transaction.atomic
def help_centre(author: Staff, reviewer: Staff, payloads: Sequence[str]) -> HelpCentre:
    """Write an article, a term, a bulletin and a talk for each payload; all of them are shown."""
    run = f"bait{secrets.token_hex(4)}"
    bulletins, translations = [], []
    for number, payload in enumerate(payloads):
        name = f"{run}-{number}"
        translations.append(_article(name, payload, author, reviewer))
        bulletins.append(_bulletin(payload, author, reviewer))
        GlossaryTerm.objects.create(language="en", term=f"{name} {payload}"[:60], meaning=payload[:500])
        said = {"title": payload[:160] or "x", "speaker": payload[:120], "transcript": payload or "x"}
        Talk.objects.create(slug=name, minutes=5, is_shown=True, **said)
    readers = ["/help/en/", "/help/en/glossary/", "/help/en/bulletins/", "/help/en/talks/", "/help/en/c/deposits/"]
    staff = ["/desk/articles/", "/desk/articles/bulletins/"]
    for row, bulletin in zip(translations, bulletins, strict=True):
        readers += [
            f"/help/en/a/{row.slug}/",
            f"/help/en/bulletins/{bulletin.public_id}/",
            f"/help/en/talks/{row.slug}/",
        ]
        staff += [f"/desk/articles/{row.public_id}/", f"/desk/articles/bulletins/{bulletin.public_id}/"]
    return HelpCentre([*readers, *staff], bulletins, translations, run, reviewer)


def _article(name: str, payload: str, author: Staff, reviewer: Staff) -> Translation:
    article = Article.objects.create(slug=name, section=kb.section(), tags=[payload[:40]])
    row = Translation.objects.create(article=article, language="en", slug=name)
    revision = Revision.objects.create(
        translation=row, number=1, title=payload[:160] or "x", summary=payload[:400], body=payload, comment=payload[:300],
        html=render(payload, language="en").html, author=author,
    )  # fmt: skip
    Review.objects.create(revision=revision, reviewer=reviewer, verdict="approved", comment=payload[:500])
    shown = {"published": revision, "published_at": DatabaseNow(), "first_published_at": DatabaseNow()}
    Translation.objects.filter(pk=row.pk).update(current=revision, state="published", **shown)
    return Translation.objects.get(pk=row.pk)


def _bulletin(payload: str, author: Staff, publisher: Staff) -> Bulletin:
    row = Bulletin.objects.create(author=author, products=[payload[:40]])
    words = {"title": payload[:160] or "x", "happened": payload, "affected": payload, "to_do": payload or "x"}
    BulletinText.objects.create(bulletin=row, language="en", **words)
    Bulletin.objects.filter(pk=row.pk).update(state="published", published_by=publisher, published_at=DatabaseNow())
    return row
