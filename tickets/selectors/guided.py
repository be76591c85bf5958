"""Guided forms as customers see them, and what was answered as the desk sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from security.addresses import NETWORKS
from tickets.models import FormUpload, GuidedAnswer, GuidedForm, GuidedKind, GuidedQuestion, GuidedRequest, Ticket

Need = GuidedQuestion.Need
# What is compared and looked up character by character.
EXACT = frozenset({
    GuidedKind.TX_HASH, GuidedKind.FROM_ADDRESS, GuidedKind.TO_ADDRESS, GuidedKind.TAG, GuidedKind.AMOUNT,
    GuidedKind.TIME,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class FormLink:
    """One form that may be chosen; `slug` is its topic's."""

    slug: str
    name: str
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class FactShown:
    """One answer; `network` by its name, `is_exact` where every character counts, `note` for who compares it.

    `later` is the number of the message that brought it, None where the form did.
    """

    label: str
    value: str
    network: str
    is_exact: bool
    note: str
    kind: str
    later: int | None


@dataclass(frozen=True, slots=True)
class GuidedShown:
    """What a ticket's form brought, and the questions that are still open."""

    form: str
    facts: tuple[FactShown, ...]
    missing: tuple[str, ...]


def links(language: str) -> tuple[FormLink, ...]:
    """Return the forms that are offered, in this language."""
    found = GuidedForm.objects.filter(is_active=True, topic__is_active=True).select_related("topic")
    return tuple(
        FormLink(form.topic.slug, said(form.name, form.name_zh_hans, language), form.is_urgent)
        for form in found.order_by("position", "pk")
    )


def form(slug: str) -> GuidedForm | None:
    """Return the form of a topic, if it is offered."""
    return GuidedForm.objects.offered().filter(topic__slug=slug).first()


def waiting(copy: str, client_ids: Sequence[str]) -> list[FormUpload]:
    """Return the files of one copy of a form that are wholly here."""
    found = FormUpload.objects.filter(copy=copy, client_id__in=client_ids, received=F("size"))
    return list(found.order_by("pk"))


def of_ticket(ticket: Ticket) -> GuidedShown | None:
    """Return what was answered when the ticket was opened, and since; the desk reads English."""
    request = request_of(ticket)
    if request is None:
        return None
    facts = tuple(_fact(answer) for answer in request.answers.all())
    return GuidedShown(request.form.name, facts, tuple(one.label for one in open_questions(request)))


def missing(ticket: Ticket) -> list[str]:
    """Return the questions that are still open, in the ticket's language, as a canned reply asks them."""
    request = request_of(ticket)
    if request is None:
        return []
    language = "zh-hans" if ticket.language.lower().startswith("zh") else "en"
    return [said(one.label, one.label_zh_hans, language) for one in open_questions(request)]


def said(text: str, text_zh_hans: str, language: str) -> str:
    """Return what is said in a language; English where nothing else was written."""
    return (text_zh_hans if language == "zh-hans" else "") or text


def request_of(ticket: Ticket) -> GuidedRequest | None:
    """Return by which form a ticket was opened, with its answers and questions; None when by none."""
    found = GuidedRequest.objects.filter(ticket=ticket).select_related("form")
    return found.prefetch_related("answers", "form__questions").first()


def open_questions(request: GuidedRequest) -> list[GuidedQuestion]:
    """Return the questions that are wanted and have no answer yet, in order."""
    answered = {answer.question_id for answer in request.answers.all()}
    asked = request.form.questions.all()
    return [one for one in asked if one.need != Need.OPTIONAL and one.pk not in answered]


def _fact(answer: GuidedAnswer) -> FactShown:
    network = NETWORKS[answer.network].name if answer.network in NETWORKS else ""
    shown = "" if network == answer.value else network
    value = f"{answer.value} UTC" if answer.kind == GuidedKind.TIME else answer.value
    return FactShown(answer.label, value, shown, answer.kind in EXACT, answer.note, answer.kind, answer.message_seq)
