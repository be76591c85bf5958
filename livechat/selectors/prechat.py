"""What a chat asks before it begins, as the widget shows it."""

from typing import Any

from livechat.models import ChatInbox, TopicForm, TopicQuestion
from security.addresses import NETWORKS
from tickets.models import GuidedKind, GuidedQuestion
from tickets.selectors.guided import said

__all__ = ["forms_of", "said"]
# How the widget draws each kind of a guided question; what is copied character by character looks like a hash.
DRAWN = {
    GuidedKind.TEXT: "text",
    GuidedKind.CHOICE: "choice",
    GuidedKind.NETWORK: "choice",
    GuidedKind.ASSET: "asset",
    GuidedKind.TIME: "time",
}


def forms_of(inbox: ChatInbox, language: str) -> list[dict[str, Any]]:
    """Return the topics that may be chosen, with their questions, in this language; three statements."""
    offered = TopicForm.objects.filter(inbox=inbox, is_active=True, topic__is_active=True)
    offered = offered.select_related("topic__guided_form").prefetch_related(
        "questions", "topic__guided_form__questions"
    )
    return [
        {
            "topic": form.topic.slug,
            "name": said(form.name, form.name_zh_hans, language),
            "questions": _questions(form, language),
        }
        for form in offered.order_by("position", "pk")
    ]


def _questions(form: TopicForm, language: str) -> list[dict[str, Any]]:
    if form.guided is not None:
        return [_guided(one, language) for one in form.guided.questions.all()]
    return [_question(one, language) for one in form.questions.all()]


def _question(question: TopicQuestion, language: str) -> dict[str, Any]:
    return {
        "id": question.public_id,
        "kind": question.kind,
        "label": said(question.label, question.label_zh_hans, language),
        "is_required": question.is_required,
        "choices": _choices(question, language) if question.kind == TopicQuestion.Kind.CHOICE else [],
        "networks": _networks() if question.kind == TopicQuestion.Kind.ASSET else [],
    }


def _guided(question: GuidedQuestion, language: str) -> dict[str, Any]:
    is_choice = question.kind == GuidedKind.CHOICE
    return {
        "id": question.public_id,
        "kind": DRAWN.get(GuidedKind(question.kind), "tx_hash"),
        "label": said(question.label, question.label_zh_hans, language),
        "is_required": question.need == GuidedQuestion.Need.REQUIRED,
        "choices": _choices(question, language)
        if is_choice
        else _networks()
        if question.kind == GuidedKind.NETWORK
        else [],
        "networks": _networks() if question.kind == GuidedKind.ASSET else [],
    }


def _networks() -> list[list[str]]:
    return [[slug, network.name] for slug, network in NETWORKS.items()]


def _choices(question: TopicQuestion | GuidedQuestion, language: str) -> list[list[str]]:
    """Return each choice as it is answered, which the desk reads, and as it is shown."""
    shown = (question.choices_zh_hans if language == "zh-hans" else []) or question.choices
    return [[answer, words] for answer, words in zip(question.choices, shown, strict=True)]
