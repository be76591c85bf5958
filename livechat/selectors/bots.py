"""What a bot hears: this conversation, as the visitor sees it, and nothing else."""

from django.db.models import QuerySet

from livechat.bots.interface import Heard, Said, TopicOffered
from livechat.models import BotTurn, Chat, TopicForm, Visitor
from livechat.selectors.prechat import said
from tickets.models import Message, Topic

BEFORE = 20
WHO = {"requester": "customer", "staff": "staff", "bot": "bot"}


def heard(turn: BotTurn) -> Heard:
    """Return the message of a turn as its bot hears it. Who the customer is, is told of a verified one alone."""
    chat, message = turn.chat, turn.message
    facts = facts_of(chat.visitor)
    public = Message.objects.filter(ticket=chat.ticket, kind="reply", public_seq__lt=message.public_seq)
    earlier = list(public.filter(withdrawn_at__isnull=True).order_by("-public_seq")[:BEFORE])[::-1]
    return Heard(
        message=message.public_id,
        text=message.text,
        language=chat.visitor.locale or "en",
        is_first=not any(one.sender_role == Message.SenderRole.BOT for one in earlier),
        is_verified=facts is not None,
        customer=facts or {},
        topic=chat.ticket.topic.slug if chat.ticket.topic else "",
        topics=topics(chat),
        before=tuple(Said(who=WHO.get(one.sender_role, "customer"), text=one.text) for one in earlier),
    )


def facts_of(visitor: Visitor) -> dict[str, str] | None:
    """Return what a bot may know of the customer; None unless the database says now that they are proven."""
    proven = Visitor.objects.living().filter(pk=visitor.pk, session__isnull=False, customer__isnull=False)
    name = proven.values_list("customer__name", flat=True).first()
    return None if name is None else {"first_name": next(iter(name.split()), "")}


def topics(chat: Chat) -> tuple[TopicOffered, ...]:
    """Return the topics of the chat's inbox, in the visitor's language."""
    language = chat.visitor.locale
    return tuple(
        TopicOffered(slug=form.topic.slug, name=said(form.name, form.name_zh_hans, language)) for form in _forms(chat)
    )


def topic_rows(chat: Chat) -> dict[str, Topic]:
    """Return the same as rows, by short name."""
    return {form.topic.slug: form.topic for form in _forms(chat)}


def offered(chat: Chat) -> list[str]:
    """Return the words on the buttons below the conversation: those of a bot's answer that nobody has spoken after."""
    turn = BotTurn.objects.filter(chat=chat).select_related("said").order_by("-pk").first()
    if turn is None or turn.state != BotTurn.State.ANSWERED or not turn.offered:
        return []
    last = turn.said.public_seq if turn.said else None
    return list(turn.offered) if last is None or last == chat.ticket.last_public_seq else []


def _forms(chat: Chat) -> QuerySet[TopicForm]:
    shown = TopicForm.objects.filter(inbox=chat.visitor.inbox_id, is_active=True, topic__is_active=True)
    return shown.filter(topic__parent__isnull=False).select_related("topic").order_by("position", "pk")
