"""`who_saw`: whose data did one of our people see, or who saw that of a customer; which fields, and when."""

import shutil
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date, parse_datetime

from accounts.models import Customer, Staff
from core import clock
from core.audit import SYSTEM
from tickets.selectors import who_saw
from tickets.selectors.who_saw import Answer
from tickets.services import who_saw as service


class Command(BaseCommand):
    """One line for each customer (or person), then one for each thing seen."""

    help = "Says whose data a person of ours saw (--agent EMAIL) or who saw that of a customer (--customer ID)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments; times without a zone are UTC."""
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--agent", help="address or id of one of our people")
        who.add_argument("--customer", help="id of a customer")
        parser.add_argument("--since", required=True, help="a day or a moment, such as 2026-05-01 or 2026-05-01T08:00Z")
        parser.add_argument("--until", default="", help="before this day or moment; now, where it is left out")
        parser.add_argument("--out", default="", help="a new file for the answer as a signed archive")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the answer; raises CommandError for who is unknown, what is no time, and a file that is there."""
        since = _moment(options["since"])
        until = _moment(options["until"]) if options["until"] else clock.now()
        answer = _answer(options, since, until)
        service.asked(answer, by=SYSTEM)
        for group in answer.groups:
            shown = ", ".join(group.fields) or "nothing in full"
            period = f"{group.first_at:%Y-%m-%d %H:%M:%S} to {group.last_at:%Y-%m-%d %H:%M:%S}"
            self.stdout.write(f"{group.public_id}  {group.screens} seen, {shown}, {period}")
        for one in answer.seen:
            fields = ",".join(one.fields)
            line = (
                f"{one.at:%Y-%m-%dT%H:%M:%SZ} {one.staff} {one.action} {one.customer or '-'} {one.object_id} {fields}"
            )
            self.stdout.write(f"{line} {one.words}".rstrip())
        self.stdout.write(f"{len(answer.groups)} in all, {len(answer.seen)} entries.")
        if options["out"]:
            self._write(answer, Path(options["out"]))

    def _write(self, answer: Answer, path: Path) -> None:
        try:
            with path.open("xb") as file, service.archive(answer, by=SYSTEM) as made:
                shutil.copyfileobj(made, file)
        except OSError as problem:
            message = f"{path}: {problem.strerror}"
            raise CommandError(message) from problem
        self.stdout.write(f"Signed: {path}")


def _answer(options: dict[str, Any], since: datetime, until: datetime) -> Answer:
    if options["agent"]:
        given = options["agent"].strip()
        agent = Staff.objects.filter(email=given.lower()).first() or Staff.objects.filter(public_id=given).first()
        if agent is None:
            message = f"None of our people has the address or id {given}."
            raise CommandError(message)
        return who_saw.by_agent(agent, since=since, until=until)
    customer = Customer.objects.filter(public_id=options["customer"]).first()
    if customer is None:
        message = f"There is no customer {options['customer']}."
        raise CommandError(message)
    return who_saw.of_customer(customer, since=since, until=until)


def _moment(given: str) -> datetime:
    try:
        found = parse_datetime(given)
        day = parse_date(given) if found is None else None
    except ValueError:
        found = day = None
    if day is not None:
        found = datetime(day.year, day.month, day.day, tzinfo=UTC)
    if found is None:
        message = f"{given} is no day and no moment."
        raise CommandError(message)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
