"""What a chat asks before it begins, as the widget shows it."""

from typing import Any

from livechat.models import ChatInbox, TopicForm, TopicQuestion
from security.addresses import NETWORKS


def forms_of(inbox: ChatInbox, language: str) -> list[dict[str, Any]]:
    """Return the topics that may be chosen, with their questions, in this language; two statements."""
    offered = TopicForm.objects.filter(inbox=inbox, is_active=True, topic__is_active=True).select_related("topic")
    return [
        {
            "topic": form.topic.slug,
            "name": said(form.name, form.name_zh_hans, language),
            "questions": [_question(one, language) for one in form.questions.all()],
        }
        for form in offered.prefetch_related("questions").order_by("position", "pk")
    ]


def said(text: str, text_zh_hans: str, language: str) -> str:
    """Return what is said in a language; English where nothing else was written."""
    return (text_zh_hans if language == "zh-hans" else "") or text


def _question(question: TopicQuestion, language: str) -> dict[str, Any]:
    networks = [[slug, network.name] for slug, network in NETWORKS.items()]
    return {
        "id": question.public_id,
        "kind": question.kind,
        "label": said(question.label, question.label_zh_hans, language),
        "is_required": question.is_required,
        "choices": _choices(question, language) if question.kind == TopicQuestion.Kind.CHOICE else [],
        "networks": networks if question.kind == TopicQuestion.Kind.ASSET else [],
    }


def _choices(question: TopicQuestion, language: str) -> list[list[str]]:
    """Return each choice as it is answered, which the desk reads, and as it is shown."""
    shown = (question.choices_zh_hans if language == "zh-hans" else []) or question.choices
    return [[answer, words] for answer, words in zip(question.choices, shown, strict=True)]
