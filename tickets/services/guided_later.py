"""Answers to a guided form that come later, in the conversation: lines that begin with the question, and nothing else.

What stands behind the question's words is checked as the form would have; what cannot be taken is left to people.
"""

import re
from collections.abc import Iterator, Sequence

from django.utils import translation

from core import audit, clock
from security.addresses import NETWORKS
from tickets.guided import values
from tickets.guided.values import AnswerRefused, Asset, Value
from tickets.models import GuidedAnswer, GuidedKind, GuidedQuestion, Message, Ticket
from tickets.models.channel import Channel
from tickets.selectors import guided as forms
from tickets.services import guided, timeline

ANSWERED = "guided_answered"
MOST_LINES = 200
_ENDS = ":：?？="
# Something behind a question's sign, or on a line of its own: only such words can be an answer.
_CAN_ANSWER = re.compile(rf"[{_ENDS}]\s*\S|\n\s*\S")
_BULLET = re.compile(r"^[\s>*•\-–\d.)]{0,8}")
_ASSET = re.compile(r"(\w{1,12})[\s@(（]+([^()（）@]{2,40})[)）]?")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d)? ?UTC")


def hear(ticket: Ticket, message: Message) -> None:
    """Keep what the requester answers to questions that are still open, on a ticket that is locked here."""
    if message.sender_role != Message.SenderRole.REQUESTER or message.is_automatic:
        return
    if not ticket.pk or ticket.channel not in {Channel.WEB, Channel.CHAT} or not _CAN_ANSWER.search(message.text):
        return
    request = forms.request_of(ticket)
    asked = forms.open_questions(request) if request is not None else []
    if request is None or not asked:
        return
    said = list(request.answers.all())
    place = max((one.position for one in said), default=0)
    rows = []
    for question, value in _taken(asked, message.text, _asset_of(said)):
        place += 1
        rows.append(
            GuidedAnswer(
                request=request,
                question=question,
                position=place,
                kind=question.kind,
                label=question.label,
                value=value.text,
                network=value.network,
                note=value.note,
                message_seq=message.seq,
            )
        )
    if not rows:
        return
    GuidedAnswer.objects.bulk_create(rows)
    timeline.append_event(ticket, ANSWERED, {"seq": message.seq, "count": len(rows)})
    actor = message.customer.actor if message.customer else audit.SYSTEM
    detail: dict[str, audit.Detail] = {"seq": message.seq, "count": len(rows)}
    audit.record("ticket.guided_answered", actor=actor, obj=("ticket", ticket.public_id), detail=detail)


def _taken(asked: Sequence[GuidedQuestion], text: str, asset: Asset | None) -> Iterator[tuple[GuidedQuestion, Value]]:
    """Yield what can be taken, the asset first: it says how the others are read."""
    now = clock.now()
    found = dict(_lines(asked, text))
    with translation.override("en"):
        for question in sorted(asked, key=lambda one: one.kind != GuidedKind.ASSET):
            answer = found.get(question.pk, "")
            if not answer:
                continue
            try:
                value = guided.value_of(question, answer=_as_filled_in(question, answer), asset=asset, now=now)
            except AnswerRefused:
                continue
            if question.kind == GuidedKind.ASSET:
                asset = Asset(value.text, value.network)
            yield question, value


def _lines(asked: Sequence[GuidedQuestion], text: str) -> Iterator[tuple[int, str]]:
    """Yield the question and what stands behind its words, or alone on the next line; the last one counts."""
    names = {_name(label): one.pk for one in asked for label in (one.label, one.label_zh_hans) if _name(label)}
    waiting: int | None = None
    for line in text.splitlines()[:MOST_LINES]:
        plain = _BULLET.sub("", line, count=1).strip()
        if not plain:
            continue
        folded = plain.casefold()
        label = next((name for name in sorted(names, key=len, reverse=True) if _begins(folded, name)), "")
        if label:
            answer = plain[len(label) :].lstrip(_ENDS + " ").strip()
            waiting = None if answer else names[label]
            if answer:
                yield names[label], answer
        elif waiting is not None:
            yield waiting, line.strip()
            waiting = None


def _name(label: str) -> str:
    return label.rstrip(_ENDS + " ").casefold()


def _begins(line: str, name: str) -> bool:
    """Whether the line is the question, alone or with an answer behind a colon or question mark."""
    return line.startswith(name) and line[len(name) :].lstrip()[:1] in {"", *_ENDS}


def _as_filled_in(question: GuidedQuestion, answer: str) -> str:
    """Return the answer as the form's fields would send it."""
    if question.kind == GuidedKind.ASSET and (found := _ASSET.fullmatch(answer)):
        return f"{found[1]}@{_slug(found[2])}"
    if question.kind == GuidedKind.NETWORK:
        return _slug(answer)
    if question.kind == GuidedKind.TIME and (found := _TIME.fullmatch(answer)):
        return f"{found[1]}T{found[2]}@{values.UTC_NAME}"
    if question.kind == GuidedKind.CHOICE and answer in question.choices_zh_hans:
        return str(question.choices[question.choices_zh_hans.index(answer)])
    return answer[: values.MOST_TEXT]


def _slug(name: str) -> str:
    folded = name.strip().casefold()
    return next((slug for slug, one in NETWORKS.items() if folded in {slug, one.name.casefold()}), "")


def _asset_of(said: Sequence[GuidedAnswer]) -> Asset | None:
    return next((Asset(one.value, one.network) for one in said if one.kind == GuidedKind.ASSET), None)
