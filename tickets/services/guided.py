"""Opening a ticket by a guided form: answers checked, one sentence built from them, all of it kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Customer, CustomerAddress
from accounts.services import customers
from core import clock
from core import files as stored_files
from core.clock import from_now
from core.storable_text import storable
from tickets.guided import sentence, values
from tickets.guided.values import AnswerRefused, Asset, Value
from tickets.models import GuidedAnswer, GuidedForm, GuidedKind, GuidedQuestion, GuidedRequest, Mailbox, Message, Ticket
from tickets.models.channel import Channel
from tickets.models.ticket import Priority
from tickets.selectors.guided import said
from tickets.services import acknowledgements, cases, errors, form_uploads, portal_requests, replies
from tickets.services.senders import NewFile, Sender

PER_HOUR = 20
_HOUR = timedelta(hours=1)
_READ = {
    GuidedKind.AMOUNT: values.amount,
    GuidedKind.TX_HASH: values.tx_hash,
    GuidedKind.FROM_ADDRESS: values.address,
    GuidedKind.TO_ADDRESS: values.address,
    GuidedKind.TAG: values.tag,
}


class AnswersRefused(errors.Refused):
    """Answers that cannot be taken; `problems` says why, by the public id of the question."""

    code = "answers_refused"

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(dict.fromkeys(problems.values())))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody filled in: answers by public ids of questions, more in their own words, files, their language.

    An asset is answered as `USDT@tron`, a time as `2026-11-28T14:02@Europe/Paris`.
    """

    form: GuidedForm
    answers: Mapping[str, str]
    text: str = ""
    files: Sequence[NewFile] = ()
    language: str = "en"
    # Files that were sent in pieces beforehand, by the browser's ids, under the name of this copy of the form.
    copy: str = ""
    uploaded: Sequence[str] = ()

    def all_files(self) -> list[NewFile]:
        """Take what was sent beforehand, beside what came with the form; inside the ticket's transaction."""
        taken = form_uploads.take(copy=self.copy, client_ids=self.uploaded) if self.uploaded else []
        return [*taken, *self.files]


@dataclass(slots=True)
class Filled:
    """A form that was filled in as it should be: its sentence, the lines below it, and the rows to keep."""

    sentence: str = ""
    lines: list[str] = field(default_factory=list)
    rows: list[GuidedAnswer] = field(default_factory=list)

    def words(self, text: str) -> str:
        """Return the first message."""
        stop = pgettext("end of a sentence", ".")
        parts = [self.sentence + stop, "\n".join(self.lines), storable(text).strip()]
        return "\n\n".join(part for part in parts if part)


def fill(given: Given) -> Filled:
    """Check the answers and put them into words. Questions nobody answered are left out. Raises AnswersRefused."""
    with translation.override(given.language):
        return _fill(given, clock.now())


def problems(given: Given) -> dict[str, str]:
    """Return what is wrong with the answers, by the public ids of the questions; nothing is kept."""
    try:
        fill(given)
    except AnswersRefused as refused:
        return refused.problems
    return {}


def open_for_customer(*, customer: Customer, given: Given) -> Ticket:
    """Open a request of a customer who is signed in.

    Raises AnswersRefused, EmptyMessage, FilesVanished, TooManyFiles, TooLarge, TooManyRequests.
    """
    filled = fill(given)
    with stored_files.all_or_none(), transaction.atomic():
        ticket = portal_requests.open_request(
            customer=customer,
            asked=portal_requests.Asked(
                subject=filled.sentence,
                text=_words(filled, given),
                topic=given.form.topic,
                files=given.all_files(),
                language=given.language,
                priority=Priority.URGENT if given.form.is_urgent else Priority.NORMAL,
            ),
        )
        keep(ticket, given.form, filled)
    return ticket


def open_for_stranger(*, address: str, given: Given, is_confirmed: bool) -> Ticket:
    """Open a request of somebody who only says where to write to; nothing of it is proven.

    With `is_confirmed` the address gets the fixed words of a confirmation, as often as automatic mails may be sent to
    it: never anything that was answered here. Raises AnswersRefused, EmptyMessage, FilesVanished,
    TooManyFiles, TooLarge, TooManyRequests.
    """
    filled = fill(given)
    address = address.strip().lower()
    with stored_files.all_or_none(), transaction.atomic():
        customer, _is_new = customers.resolve(kind=CustomerAddress.Kind.EMAIL, value=address, name="", proof=None)
        # One after the other for each address, so that the limit counts.
        Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        if Ticket.objects.filter(requester=customer, created_at__gt=from_now(-_HOUR)).count() >= PER_HOUR:
            raise errors.TooManyRequests
        attached = given.all_files()
        portal_requests.check_size(attached)
        room = acknowledgements.Room()
        ticket, _message = cases.open_within(
            case=cases.NewCase(
                requester=customer,
                subject=filled.sentence,
                channel=Channel.WEB,
                requester_address=address,
                mailbox=Mailbox.objects.filter(is_active=True).order_by("pk").first(),
                language=given.language,
                topic=given.form.topic,
                priority=Priority.HIGH if given.form.is_urgent else Priority.NORMAL,
            ),
            sender=Sender(role=Message.SenderRole.REQUESTER, customer=customer, address=address),
            words=replies.Words(text=_words(filled, given), language=given.language),
            attached=attached,
            acknowledgement=acknowledgements.decide(address=address, room=room) if is_confirmed else None,
        )
        keep(ticket, given.form, filled)
    return ticket


def keep(ticket: Ticket, form: GuidedForm, filled: Filled) -> None:
    """Keep the answers beside the ticket that they have opened; inside the transaction that opens it."""
    request = GuidedRequest.objects.create(ticket=ticket, form=form)
    for row in filled.rows:
        row.request = request
    GuidedAnswer.objects.bulk_create(filled.rows)


def _words(filled: Filled, given: Given) -> str:
    with translation.override(given.language):
        return filled.words(given.text)


def _fill(given: Given, now: datetime) -> Filled:
    """Read the asset first, wherever it is asked: it says how the others are read."""
    questions = list(given.form.questions.all())
    problems: dict[str, str] = {}
    found: dict[int, Value] = {}
    asset: Asset | None = None
    for question in sorted(questions, key=lambda one: one.kind != GuidedKind.ASSET):
        answer = _answer(question, given)
        if not answer:
            if question.need == GuidedQuestion.Need.REQUIRED:
                label = said(question.label, question.label_zh_hans, given.language)
                problems[question.public_id] = _("Answer “%(question)s”.") % {"question": label}
            continue
        try:
            value = found[question.pk] = value_of(question, answer=answer, asset=asset, now=now)
            if question.kind == GuidedKind.ASSET:
                asset = Asset(value.text, value.network)
        except AnswerRefused as refused:
            problems[question.public_id] = str(refused)
    if problems:
        raise AnswersRefused(problems)
    return _filled(given, [(one, found[one.pk]) for one in questions if one.pk in found], asset, now)


def _answer(question: GuidedQuestion, given: Given) -> str:
    text = storable(given.answers.get(question.public_id, ""))[: values.MOST_TEXT]
    # A time zone that the page has chosen by itself is no answer yet.
    if question.kind == GuidedKind.TIME and text.startswith("@"):
        return ""
    return text.strip() if question.kind == GuidedKind.TEXT else " ".join(text.split())


def value_of(question: GuidedQuestion, *, answer: str, asset: Asset | None, now: datetime) -> Value:
    """Return one answer as it is kept; `asset` says how it is read. Raises AnswerRefused."""
    kind = GuidedKind(question.kind)
    if kind == GuidedKind.ASSET:
        named = values.asset(answer)
        return Value(named.symbol, named.network)
    if kind == GuidedKind.CHOICE:
        if answer not in question.choices:
            raise AnswerRefused(_("Choose one of the answers."))
        return Value(answer)
    if kind == GuidedKind.NETWORK:
        return values.network(answer)
    if kind == GuidedKind.TIME:
        return values.time(answer, now)
    read = _READ.get(kind)
    return read(answer, asset) if read else values.plain(answer)


def _filled(
    given: Given, answered: Sequence[tuple[GuidedQuestion, Value]], asset: Asset | None, now: datetime
) -> Filled:
    filled = Filled()
    choices: list[str] = []
    for place, (question, value) in enumerate(answered, start=1):
        label = said(question.label, question.label_zh_hans, given.language)
        told = _told(question, value, given.language)
        if question.kind == GuidedKind.CHOICE:
            choices.append(told)
        ends = label.endswith((":", "?", "：", "？"))
        filled.lines.append(f"{label} {told}" if ends else label + pgettext("after a label", ": ") + told)
        filled.rows.append(
            GuidedAnswer(
                question=question,
                position=place,
                kind=question.kind,
                label=question.label,
                value=value.text,
                network=value.network,
                note=value.note,
            )
        )
    form = given.form
    filled.sentence = sentence.build(
        matter=said(form.matter, form.matter_zh_hans, given.language),
        outcome=said(form.outcome, form.outcome_zh_hans, given.language),
        asset=asset,
        values={question.kind: value for question, value in answered},
        choices=choices,
        now=now,
    )
    return filled


def _told(question: GuidedQuestion, value: Value, language: str) -> str:
    """Return an answer as the customer reads it."""
    if question.kind == GuidedKind.ASSET:
        return f"{value.text} ({values.network(value.network).text})"
    if question.kind == GuidedKind.TIME:
        return f"{value.text} UTC"
    if question.kind == GuidedKind.CHOICE:
        shown = (question.choices_zh_hans if language == "zh-hans" else []) or question.choices
        return str(shown[question.choices.index(value.text)])
    return value.text
