"""What a visitor answers before a chat: checked, and put into the words that open it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from livechat.models import ChatInbox, TopicForm, TopicQuestion
from livechat.selectors.prechat import said
from security.addresses import NETWORKS
from tickets.models import GuidedForm, Ticket, Topic
from tickets.services import errors, guided

MAX_ANSWER = 500
# EVM chains; Bitcoin and its kind, Tron, XRP Ledger and Stellar; Solana.
TX_HASH = re.compile(r"0x[0-9a-fA-F]{64}|[0-9a-fA-F]{64}|[1-9A-HJ-NP-Za-km-z]{86,88}")
ASSET = re.compile(r"[A-Z0-9]{1,12}")


class AnswersRefused(errors.Refused):
    """Answers that cannot be taken; `problems` says why, by the public id of the question."""

    code = "answers_refused"

    def __init__(self, problems: Mapping[str, str], message: str | None = None) -> None:
        super().__init__(message or " ".join(dict.fromkeys(problems.values())))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class Answers:
    """What came from the widget: a topic's short name, and answers by the public ids of its questions."""

    topic: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that was filled in as it should be: the topic, and the lines that the first message begins with."""

    topic: Topic
    heading: str
    answers: guided.Filled | None = None

    @property
    def subject(self) -> str:
        """The sentence of a guided form, or nothing."""
        return self.answers.sentence if self.answers is not None else ""

    def keep(self, ticket: Ticket) -> None:
        """Keep the answers to a guided form beside the ticket that they have opened."""
        if self.answers is not None:
            guided.keep(ticket, self.topic.guided_form, self.answers)


def fill(*, inbox: ChatInbox, given: Answers, language: str) -> Filled:
    """Check the answers and return them in words. Questions nobody answered are left out. Raises AnswersRefused."""
    offered = TopicForm.objects.filter(inbox=inbox, is_active=True, topic__is_active=True, topic__slug=given.topic)
    whole = offered.select_related("topic__guided_form").prefetch_related("questions", "topic__guided_form__questions")
    form = whole.first()
    if form is None:
        raise AnswersRefused({}, _("This form has changed. Choose your topic again."))
    if form.guided is not None:
        return _guided(form, form.guided, given, language)
    problems, lines = {}, []
    for question in form.questions.all():
        answer = " ".join(given.answers.get(question.public_id, "")[:MAX_ANSWER].split())
        label = said(question.label, question.label_zh_hans, language)
        if not answer:
            if question.is_required:
                problems[question.public_id] = _("Answer “%(question)s”.") % {"question": label}
            continue
        told, problem = _checked(question, answer)
        if problem:
            problems[question.public_id] = problem
        lines.append(f"{label}: {told}" if not label.endswith((":", "?", "：", "？")) else f"{label} {told}")
    if problems:
        raise AnswersRefused(problems)
    return Filled(form.topic, "\n".join(lines))


def _guided(form: TopicForm, asked: GuidedForm, given: Answers, language: str) -> Filled:
    try:
        filled = guided.fill(guided.Given(form=asked, answers=given.answers, language=language))
    except guided.AnswersRefused as refused:
        raise AnswersRefused(refused.problems) from refused
    return Filled(form.topic, filled.words(""), filled)


def _checked(question: TopicQuestion, answer: str) -> tuple[str, str]:
    """Return the answer in words, and what is wrong with it, if anything."""
    if question.kind == TopicQuestion.Kind.CHOICE and answer not in question.choices:
        return "", _("Choose one of the answers.")
    if question.kind == TopicQuestion.Kind.TX_HASH and not TX_HASH.fullmatch(answer):
        return "", _(
            "This is not a transaction hash: 64 letters and digits, maybe after 0x, or 88 on Solana. Copy it whole."
        )
    if question.kind == TopicQuestion.Kind.ASSET:
        asset, _at, network = answer.partition("@")
        asset = asset.strip().upper()
        if not ASSET.fullmatch(asset) or network not in NETWORKS:
            return "", _("Name the asset by its short name, such as USDT, and choose its network.")
        return f"{asset} ({NETWORKS[network].name})", ""
    return answer, ""
