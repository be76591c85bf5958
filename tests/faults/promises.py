"""Promises that are missed while things break: each is told once on its ticket's timeline, none twice, none never."""

from collections import Counter

from django.db import connection

from core.ids import new_public_id
from tests.factories.accounts import StaffFactory
from tests.factories.sla import policy
from tests.factories.tickets import MailboxFactory, mail_ticket
from tests.faults.ground import Ground
from tickets.models import Message, SlaCalendar, SlaClock, Ticket

# Longer than beat, the queue and a sweep take together on a machine that is busy with other things.
PATIENCE_S = 90.0
MINUTES = 5
_LONG_AGO = """
UPDATE tickets_slaclock
   SET started_at = started_at - interval '1 day', runs_since = runs_since - interval '1 day',
       warn_at = warn_at - interval '1 day', due_at = due_at - interval '1 day', fires_at = fires_at - interval '1 day'
 WHERE ticket_id = ANY(%s)
"""


class Promises:
    """Tickets under a policy of their own: what others of this system are promised stays as it is."""

    def __init__(self, ground: Ground, run: str) -> None:
        self.ground = ground
        self.language = new_public_id()[:16]
        self.box = MailboxFactory.create(slug=f"promises-{run}", address=f"promises-{run}@pharos.test")
        self.tickets: list[Ticket] = []
        targets = {"first_response": {"normal": MINUTES}}
        always = SlaCalendar.objects.create(name=new_public_id(), is_always=True)
        policy(
            new_public_id(),
            by=StaffFactory.create(role="admin"),
            calendar=always,
            languages=[self.language],
            targets=targets,
            pauses_in=[],
            position=1,
        )

    def give(self, count: int) -> list[Ticket]:
        """Open tickets that are promised an answer within five minutes."""
        new = [mail_ticket(mailbox=self.box, language=self.language) for _ in range(count)]
        self.tickets += new
        return new

    def miss(self, count: int) -> None:
        """Open tickets whose promises were missed a day ago, and nobody was told."""
        with connection.cursor() as cursor:
            cursor.execute(_LONG_AGO, [[one.pk for one in self.give(count)]])

    def settle(self) -> str:
        """Wait until all that is missed is told, note what was told twice, and sum up."""
        mine = [one.pk for one in self.tickets]
        untold = SlaClock.objects.filter(ticket__in=mine, breached_at__isnull=True)
        self.ground.wait(lambda: not untold.exists(), "every missed promise to be told", patience_s=PATIENCE_S)
        rows = Message.objects.filter(ticket__in=mine, event="sla_breached").values_list("ticket", flat=True)
        told = Counter(rows)
        never, twice = (len(mine) - len(told), sum(count > 1 for count in told.values()))
        if never or twice:
            self.ground.notes.append(f"promises missed: {never} never told, {twice} told twice")
        if SlaClock.objects.filter(ticket__in=mine, used__lt="0").exists():
            self.ground.notes.append("a promise has used less than no time")
        return f"promises missed: {len(mine)}, told: {sum(told.values())}, twice: {twice}, never: {never}"
