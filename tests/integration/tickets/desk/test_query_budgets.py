"""Query budgets: no page or list costs more statements with twenty rows than with one, or more than it may."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Absence, Shift, Staff
from core.audit import SYSTEM
from core.clock import DatabaseNow, from_now
from security.services import api_tokens, invitations, trainings
from tests.cast import open_session, signed_in
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.escalation import chain, schedule
from tests.factories.sla import policy
from tests.factories.tickets import MailboxFactory, TopicFactory, answer, mail_ticket
from tickets.models import Alarm, EscalationRun, InboundMail, OutboundMail, Tag, Ticket
from tickets.selectors.saved_views import slug_of
from tickets.services import hand_overs, properties, replies, saved_views, swaps
from tickets.services.senders import NewFile, Sender

FEW, MANY = 1, 20
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
API = "/api/v1/tickets/"
# Two of each are the session of the browser, and its row with the person.
# The left pane has three of saved views: themselves, the tags that they name, and their counts.
# Of a ticket, two are its service levels: its clocks, and what the next reply promises.
DESK = {
    "/desk/views/open/": 8,
    "/desk/views/mine/": 8,
    "/desk/views/unassigned/": 8,
    "/desk/views/due/": 8,
    "/desk/views/resolved/": 8,
    "/desk/views/spam/": 8,
    "/desk/views/team-budget-0/": 8,
    "/desk/views/open/?q=tag:all&sort=due&group=assignee": 9,
    "/desk/views/{view}/": 11,
    "/desk/views/{view}/edit/": 11,
    "/desk/views/new/": 10,
    "/desk/views/count/?field=tag&is=yes&value=all": 4,
    "/desk/search/": 7,
    "/desk/search/?q=still": 13,
    "/desk/search/?q=status:new+tag:all": 9,
    "/desk/search/suggest/?q=min": 4,
    "/desk/rows/?view=open": 4,
    "/desk/rows/?view=open&only={ticket}": 4,
    "/desk/rows/?view=open&only={ticket}&only=another": 4,
    "/desk/counts/": 7,
    "/desk/tickets/{ticket}/?view=open": 28,
    "/desk/tickets/{ticket}/?part=header": 12,
    "/desk/tickets/{ticket}/?part=side": 13,
    "/desk/tickets/{ticket}/timeline/?since=0": 12,
    "/desk/tickets/{ticket}/timeline/?only=1": 10,
    "/desk/tickets/{ticket}/timeline/?before=99": 12,
    "/desk/tickets/{ticket}/trust/": 12,
    "/desk/tickets/{ticket}/reveal/form/": 9,
    "/desk/tickets/{ticket}/calls/": 13,
    "/desk/calls/": 13,
    "/desk/review/": 8,
    "/desk/review/{mail}/": 9,
    "/desk/system/": 10,
    "/desk/new/": 11,
    "/desk/shifts/": 22,
    "/desk/on-call/": 13,
    "/desk/escalations/": 9,
    "/account/": 13,
    "/demo/postbox/": 2,
}
FRAGMENTS = {
    "/desk/views/open/": 4,
    "/desk/views/team-budget-0/": 4,
    "/desk/tickets/{ticket}/": 22,
    "/desk/tickets/{ticket}/links/": 5,
    "/desk/tickets/{ticket}/work/": 12,
    "/desk/tickets/{ticket}/read/": 9,
}
LISTS = {
    API: 3,
    f"{API}?status=new&assignee=none": 3,
    f"{API}?tag=budget-0": 3,
    "/api/v1/search/?q=still": 9,
    "/api/v1/views/": 5,
    "/api/v1/views/{view_id}/tickets/": 7,
    f"{API}{{ticket}}/": 6,
    f"{API}{{ticket}}/messages/": 7,
    f"{API}{{ticket}}/messages/?since=1": 7,
    "/api/v1/intake/email/messages/{mail}/": 2,
}
ADMINISTRATION = {
    "/admin/": 3,
    "/admin/accounts/staff/": 5,
    "/admin/accounts/team/": 5,
    "/admin/accounts/customer/": 7,
    "/admin/security/apitoken/": 4,
    "/admin/security/invitation/": 4,
    "/admin/security/trainingcertificate/": 4,
    "/admin/security/trainingwithdrawal/": 4,
    "/admin/tickets/alarm/": 5,
    "/admin/tickets/mailbox/": 5,
    "/admin/tickets/tag/": 4,
    "/admin/tickets/topic/": 5,
    "/admin/tickets/inboundmail/": 5,
    "/admin/tickets/outboundmail/": 5,
}

AUDITORS = {
    "/admin/core/auditentry/": 5,
    "/desk/actions/": 9,
    "/desk/policy/": 11,
    "/desk/reports/": 18,
    "/desk/reports/volume/": 18,
    "/desk/reports/times/": 25,
    "/desk/reports/reasons/": 16,
    "/desk/reports/cases/?figure=opened": 13,
    "/desk/wallboard/": 13,
}


class Desk:
    """A desk that has `count` of everything, under a policy: cases of one customer, one with that many messages."""

    def __init__(self, by: Staff) -> None:
        self.by = by
        self.count = 0
        policy(by=StaffFactory.create(role="admin"))
        self.ticket = mail_ticket(subject="The long one")
        self.mail = self._held_back("first")
        self.chain = chain({"action": "page", "staff": by})
        self.ticket.tags.add(Tag.objects.create(name="all"))
        wording = saved_views.Wording(name="All", query="tag:all", grouping="team", columns=["team", "waiting"])
        self.view = slug_of(saved_views.add(by=by, wording=wording))

    def grow(self, count: int) -> None:
        """Add what is missing to `count` of everything."""
        while self.count < count:
            self._add(self.count)
            self.count += 1

    def path(self, pattern: str) -> str:
        """Fill in the ids of what the patterns are about."""
        return pattern.format(
            ticket=self.ticket.public_id, mail=self.mail.public_id, view=self.view, view_id=self.view.removeprefix("v-")
        )

    def _add(self, number: int) -> None:
        colleague = StaffFactory.create()
        team = TeamFactory.create(name=f"Budget {number}", slug=f"budget-{number}")
        tags = [Tag.objects.get_or_create(name=name)[0] for name in ("all", f"budget-{number}")]
        for more in (
            {"assignee": self.by},
            {"assignee": colleague, "team": team},
            {"possibly_related": self.ticket},
            {"is_spam": True},
            {"status": "resolved"},
        ):
            self._case(f"Case {number}", **more).tags.set(tags)
        self._talk(number, colleague)
        if number > 1:
            wording = saved_views.Wording(name=f"View {number}", query=f"tag:budget-{number} is:open")
            saved_views.add(by=self.by, wording=wording)
        self._held_back(str(number))
        Alarm.objects.create(kind="mail-silent", about=str(number), opened_at=DatabaseNow())
        open_session(self.by)
        api_tokens.issue(person=self.by, name=f"Token {number}", scopes=["read"], actor=SYSTEM)
        invitations.add_person(email=f"i{number}@cast.test", name="Invited", role="agent", invited_by=self.by)
        self._plan(number, colleague)
        certificate = trainings.record(person=colleague, by=self.by)
        trainings.withdraw(certificate=certificate, by=self.by, reason="Taken again.")
        TopicFactory.create(slug=f"topic-{number}", name=f"Topic {number}")
        MailboxFactory.create(slug=f"box-{number}", address=f"box{number}@pharos.test")

    def _plan(self, number: int, colleague: Staff) -> None:
        """Let a colleague be at work now, away next week, on call, and be offered a shift; one case has escalated."""
        Shift.objects.create(staff=colleague, starts_at=_hours(-1), ends_at=_hours(7), time_zone="UTC")
        starts = 24 * (number + 1)
        mine = Shift.objects.create(
            staff=self.by, starts_at=_hours(starts), ends_at=_hours(starts + 8), time_zone="UTC"
        )
        swaps.offer(shift=mine, to=colleague, by=self.by)
        Absence.objects.create(
            staff=colleague, kind="holiday", state="granted", starts_at=_hours(100), ends_at=_hours(148), time_zone="UTC",
            decided_by=self.by, decided_at=_hours(0),
        )  # fmt: skip
        schedule(self.by, colleague, name=f"Line {number}")
        made = EscalationRun.objects.create(
            ticket=self._case(f"Escalated {number}"), chain=self.chain, cause="customer", steps=[]
        )
        hand_overs.write(ticket=made.ticket, text="Waits for the bank.", by=self.by)

    def _case(self, subject: str, **more: Any) -> Ticket:
        values = {"channel": "email", "requester_address": self.ticket.requester_address, "last_direction": "in"}
        ticket: Ticket = Ticket.objects.create(subject=subject, requester=self.ticket.requester, **values, **more)
        return ticket

    def _talk(self, number: int, colleague: Staff) -> None:
        file = NewFile(name="statement.csv", content=b"when,amount\n1,2\n")
        answer(self.ticket, f"Any news, {number}?")
        for person in (self.by, colleague):
            words = replies.Words(text=f"Not yet, {number}.", html="<p>Not <b>yet</b>.</p>")
            sender = Sender.of_staff(person)
            replies.add(ticket=self.ticket, sender=sender, channel="email", words=words, attached=[file])
            replies.add_note(ticket=self.ticket, author=person, text=f"Asked again, {number}.", attached=[file])
        properties.set_tags(ticket=Ticket.objects.get(pk=self.ticket.pk), names=[f"talk-{number}"], by=self.by)
        OutboundMail.objects.filter(state="queued").update(state="failed")

    def _held_back(self, name: str) -> InboundMail:
        row: InboundMail = InboundMail.objects.create(
            mailbox=MailboxFactory.create(),
            source="smtp",
            identity=f"{name:0>64}",
            raw=b"sealed",
            size=6,
            state="quarantined",
            reason="from_twice",
            preview="From: x@example.com\nSubject: Kept aside\n\nIts beginning",
            envelope_from="x@example.com",
        )
        return row


def test_pages_and_lists__one_row_or_twenty__cost_the_same_within_budget(admin: Staff, auditor: Staff) -> None:
    desk = Desk(admin)
    scopes = ["read", "write", "intake"]
    _token, secret = api_tokens.issue(person=admin, name="program", scopes=scopes, actor=SYSTEM)
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    browser, looking_on = signed_in(Client(), admin), signed_in(Client(), auditor)
    asked: list[tuple[Callable[[str], Any], str, int]] = [
        *((browser.get, page, budget) for page, budget in (DESK | ADMINISTRATION).items()),
        *((partial(browser.get, headers=PARTIAL), page, budget) for page, budget in FRAGMENTS.items()),
        *((program.get, page, budget) for page, budget in LISTS.items()),
        *((looking_on.get, page, budget) for page, budget in AUDITORS.items()),
    ]
    desk.grow(FEW)
    few = [statements(ask, desk.path(page)) for ask, page, _budget in asked]
    desk.grow(MANY)
    many = [statements(ask, desk.path(page)) for ask, page, _budget in asked]
    over = [
        f"{page}: {one} statements with one row, {twenty} with twenty, its budget is {budget}"
        for (_ask, page, budget), one, twenty in zip(asked, few, many, strict=True)
        # a long case may cost one less: its last messages are not joined by the mail that opened it
        if twenty > one or one > budget
    ]
    assert not over, "\n".join(over)


def _hours(ahead: int) -> Any:
    return from_now(timedelta(hours=ahead))


def statements(ask: Callable[[str], Any], path: str) -> int:
    """Count the statements of a page asked for the second time, when nothing is loaded for the first time any more."""
    ask(path)
    with CaptureQueriesContext(connection) as captured:
        answered = ask(path)
    assert answered.status_code == 200, f"{path}: {answered.status_code}"
    return len(captured)
