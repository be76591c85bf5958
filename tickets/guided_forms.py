"""Guided forms on a page: their fields as templates draw them, and what was filled in as services take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core import time_zones
from security.addresses import NETWORKS
from security.assets import ASSETS
from security.redaction import redact
from tickets import contact_work
from tickets.guided.values import MOST_TEXT, UTC_NAME
from tickets.models import GuidedForm, GuidedKind, GuidedQuestion
from tickets.portal.forms import ManyFilesField
from tickets.selectors.guided import said

MOST_WORDS = 20_000


class GuidedPageForm(forms.Form):
    """What stands on every guided form beside its questions."""

    text = forms.CharField(max_length=MOST_WORDS, required=False)
    attached = ManyFilesField(required=False, allow_empty_file=True)
    # Names this copy of the form: sent twice, it opens one ticket.
    form_key = forms.CharField(max_length=contact_work.LONGEST_KEY, required=False)


class ContactForm(GuidedPageForm):
    """The same for somebody who is not signed in, with where to write to."""

    address = forms.EmailField(
        label=_("Your email address"),
        max_length=254,
        error_messages={
            "required": _("Write where we can answer you."),
            "invalid": _("This is no email address. Look at it again."),
        },
    )


@dataclass(frozen=True, slots=True)
class Field:
    """One question on the page, as it was filled in; `beside` is the value of the list beside it (network, zone)."""

    id: str
    kind: str
    label: str
    hint: str
    is_required: bool
    value: str
    beside: str
    problem: str
    choices: Sequence[tuple[str, str]]


def fields_of(
    form: GuidedForm, language: str, given: QueryDict | None = None, problems: Mapping[str, str] | None = None
) -> list[Field]:
    """Return the fields of a form, with what was filled in and what is wrong with it."""
    return [_field(one, language, given, (problems or {}).get(one.public_id, "")) for one in form.questions.all()]


def answers_of(form: GuidedForm, given: QueryDict) -> dict[str, str]:
    """Return the answers by public ids, a network or a zone joined to them."""
    answers = {}
    for question in form.questions.all():
        value = given.get(f"q-{question.public_id}", "")[: MOST_TEXT + 1].strip()
        if question.kind in BESIDE:
            beside = given.get(f"b-{question.public_id}", "")[:64]
            # The list beside a field may be set by the page itself: alone it is no answer.
            value = f"{value}@{beside}" if value or (beside and question.kind == GuidedKind.ASSET) else ""
        answers[question.public_id] = value
    return answers


def uploaded_of(given: QueryDict) -> list[str]:
    """Return the browser's ids of files that it has sent beforehand."""
    return [one[:60] for one in given.getlist("uploaded")[: settings.MAX_FILES_PER_MESSAGE + 1]]


def assets() -> list[str]:
    """Return the short names of assets that are offered while one is typed."""
    return list(ASSETS)


BESIDE = (GuidedKind.ASSET, GuidedKind.TIME)


def _field(question: GuidedQuestion, language: str, given: QueryDict | None, problem: str) -> Field:
    return Field(
        id=question.public_id,
        kind=question.kind,
        label=said(question.label, question.label_zh_hans, language),
        hint=said(question.hint, question.hint_zh_hans, language),
        is_required=question.need == GuidedQuestion.Need.REQUIRED,
        value=_kept(given.get(f"q-{question.public_id}", "")) if given else "",
        beside=given.get(f"b-{question.public_id}", "") if given else "",
        problem=problem,
        choices=_choices(question, language),
    )


def _kept(text: str) -> str:
    """Return what may stand in the form again: a secret does not come back."""
    return "" if redact(text).findings else text


def _choices(question: GuidedQuestion, language: str) -> Sequence[tuple[str, str]]:
    if question.kind == GuidedKind.CHOICE:
        shown = (question.choices_zh_hans if language == "zh-hans" else []) or question.choices
        return list(zip(question.choices, shown, strict=True))
    if question.kind in (GuidedKind.ASSET, GuidedKind.NETWORK):
        return [(slug, network.name) for slug, network in NETWORKS.items()]
    return _ZONES if question.kind == GuidedKind.TIME else []


_ZONES = [(UTC_NAME, UTC_NAME)] + [
    (name, name.replace("_", " "))
    for name in sorted(time_zones.names())
    if name.partition("/")[0]
    in {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
]
