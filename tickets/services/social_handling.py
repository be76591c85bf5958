"""What becomes of an event that has been read: a message, a case, a correction, or the fixed answer to a command."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Greatest, Least
from django.utils import translation
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _

from accounts.models import Customer, CustomerAddress, Team
from accounts.services import customers
from core import audit
from core.clock import DatabaseNow, from_now
from core.compiled import Rows, stand_in, stand_in_text
from core.storable_text import storable
from security.redaction import redact
from tickets import effects
from tickets.channels.email import content, language
from tickets.channels.social.shapes import OPTS_IN, OPTS_OUT, Incoming, Profile
from tickets.models import (
    Message,
    SocialAccount,
    SocialChat,
    SocialEvent,
    SocialItem,
    SocialPost,
    SocialRoute,
    SocialThread,
    Ticket,
)
from tickets.models.channel import Channel
from tickets.models.ticket import DONE, Status
from tickets.services import cases, landing, replies, social_consent, social_links, social_outbox, timeline
from tickets.services.senders import NewFile, Sender

COMMANDS = ("start", "verify")
# A command is answered once in so long: a machine that answers ours is not answered again.
TELL_AGAIN = timedelta(seconds=60)
CORRECTED, TAKEN_BACK = "message_corrected", "message_taken_back"
SPOKEN = ("message", "command")
# Begins a private conversation elsewhere: the first words in it are ours.
SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Taken:
    """An event with its files, and the names of those that could not be had."""

    account: SocialAccount
    read: Incoming
    files: tuple[NewFile, ...] = ()
    left_out: tuple[str, ...] = ()


def handle(taken: Taken) -> Message | None:
    """Write what the event says, inside the caller's transaction, which holds its row.

    Lock order: event, conversation, ticket, what goes out. Returns the message that it became or changed.
    """
    if taken.read.act == "deletion":
        return _take_back(taken)
    chat = _chat(taken.account, taken.read)
    if taken.read.act == "command" and taken.read.command in (*COMMANDS, *social_consent.COMMANDS):
        _obey(taken, chat)
        return None
    known = _ITEM.run({stand_in(0): chat.pk, stand_in_text(0): taken.read.item_id})
    if known:
        (item,) = known
        return _correct(taken, item) if taken.read.act == "correction" else _come_late(taken, item)
    album = _album(taken, chat)
    return _join(taken, chat, album) if album is not None else _say(taken, chat)


def _chats() -> QuerySet[SocialChat]:
    locked = SocialChat.objects.select_for_update(of=("self",), no_key=True)
    locked = locked.select_related("customer", "link__customer")
    return locked.filter(account=stand_in(0), external_id=stand_in_text(0))


def _items() -> QuerySet[SocialItem]:
    whole = SocialItem.objects.select_related("message__ticket")
    return whole.filter(chat=stand_in(0), external_id=stand_in_text(0))


def _threads() -> QuerySet[SocialThread]:
    return SocialThread.objects.select_related("ticket").filter(chat=stand_in(0)).order_by("-ticket_id")[:1]


# What every event asks for.
_CHAT, _ITEM, _THREAD = Rows(_chats), Rows(_items), Rows(_threads)


def address_of(account: SocialAccount, writer: Profile) -> str:
    """Return by what we know somebody there: the vendor's number of them. It is a claim and proves nothing."""
    return f"{account.kind}:{writer.external_id}"


def _chat(account: SocialAccount, read: Incoming) -> SocialChat:
    """Return the conversation, locked: what two workers have of it is handled one after the other."""
    chat_id = _chat_of_answered(account, read) or read.chat_id
    which = {stand_in(0): account.pk, stand_in_text(0): chat_id}
    if known := _CHAT.run(which):
        if read.act in SPOKEN:
            # What is said first sets it with the row.
            heard_at = Greatest("heard_at", _heard_at(read)) if read.said_at else _heard_at(read)
            SocialChat.objects.filter(pk=known[0].pk).update(heard_at=heard_at)
        return known[0]
    customer = _customer(account, read.writer)
    SocialChat.objects.bulk_create(
        [
            SocialChat(
                account=account,
                external_id=chat_id,
                customer=customer,
                heard_at=_heard_at(read),
                is_public=read.is_public,
            )
        ],
        ignore_conflicts=True,
    )
    return _CHAT.run(which)[0]


def _customer(account: SocialAccount, writer: Profile) -> Customer:
    customer, _is_new = customers.resolve(
        kind=CustomerAddress.Kind.HANDLE,
        value=address_of(account, writer),
        name=redact(storable(writer.name)).text,
        proof=None,
    )
    return customer


def _heard_at(read: Incoming) -> Any:  # noqa: ANN401 -- an expression for a moment
    """When it was said: an event may come late, and no vendor's clock goes before ours."""
    return Least(Value(read.said_at), DatabaseNow()) if read.said_at else DatabaseNow()


def _writer(taken: Taken, chat: SocialChat) -> Customer:
    """Who writes: in a private conversation its one person, or whom it is linked to; in a public one whoever it is."""
    if chat.is_public:
        return _customer(taken.account, taken.read.writer)
    return social_links.customer_of(chat) or chat.customer


def _chat_of_answered(account: SocialAccount, read: Incoming) -> str:
    """Return the public conversation that the person goes on with, by what they answer; '' when none is known."""
    if not read.answers:
        return ""
    said = SocialItem.objects.filter(chat=OuterRef("pk"), external_id=read.answers)
    sent = SocialPost.objects.filter(chat=OuterRef("pk"), external_ids__contains=[read.answers])
    known = _public_chats_of(account, read.writer).filter(Exists(said) | Exists(sent))
    return known.order_by("pk").values_list("external_id", flat=True).first() or ""


def _public_chats_of(account: SocialAccount, writer: Profile) -> QuerySet[SocialChat]:
    return SocialChat.objects.filter(
        account=account,
        is_public=True,
        customer__addresses__kind=CustomerAddress.Kind.HANDLE,
        customer__addresses__value=address_of(account, writer),
    )


def _obey(taken: Taken, chat: SocialChat) -> None:
    """Do what a command asks for. Who wants no messages gets none, nor whom the vendor has answered by itself."""
    command = taken.read.command
    social_consent.take(chat=chat, command=command)
    is_stopped = command == OPTS_OUT or (chat.stopped_at is not None and command != OPTS_IN)
    if not is_stopped and not taken.read.is_answered:
        _answer_command(taken, chat)


def _answer_command(taken: Taken, chat: SocialChat) -> None:
    """Answer with fixed words that lead to the portal; nothing of what anybody wrote is in them."""
    told = SocialChat.objects.filter(pk=chat.pk).exclude(told_at__gt=from_now(-TELL_AGAIN))
    if not told.update(told_at=DatabaseNow()):
        return
    with translation.override(_language(taken)):
        link = "" if chat.is_public or taken.read.command != "verify" else social_links.issue(chat=chat)
        social_outbox.owe_words(chat=chat, text=words_of_command(taken.read.command, link=link))
    audit.record("social.command_answered", actor=audit.SYSTEM, obj=("customer", chat.customer.public_id))


def words_of_command(command: str, *, link: str = "") -> str:
    """Return the fixed words that answer a command, in the language that is set; `link` joins the conversation."""
    portal, verify = f"{settings.SITE_URL}/portal/", f"{settings.SITE_URL}/verify/"
    never = _("Never send passwords, codes, keys or seed phrases here. We never ask for them, and they prove nothing.")
    if link:
        said = _("To prove that it is you, open this link and sign in; it works once, for half an hour: %(portal)s")
    elif command == "verify":
        said = _("To prove that it is you, sign in at the exchange and open your requests: %(portal)s")
    elif command == SUPPORT:
        said = _("We have your question. Write to us here, and a person answers. Your requests: %(portal)s")
    else:
        said = _("Write to us here, and a person answers. Your requests: %(portal)s")
    check = _("Whether a message is really from us you can check here: %(verify)s") % {"verify": verify}
    stop = (_("Reply STOP to get no more messages here."),) if command in social_consent.COMMANDS else ()
    return "\n\n".join((said % {"portal": link or portal}, never, check, *stop))


def _language(taken: Taken) -> str:
    """The language of ours that is nearest to theirs, else the account's."""
    for code in (taken.read.writer.language, taken.account.language):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def _say(taken: Taken, chat: SocialChat) -> Message:
    """Add a message to the conversation's case, or open one: nothing is open, or it is closed, or another person's."""
    threads = _THREAD.run({stand_in(0): chat.pk})
    ticket = landing.lock(threads[0].ticket) if threads else None
    is_moved = ticket is not None and ticket.pk != threads[0].ticket_id
    if ticket is not None and _goes_on(ticket, chat, is_merged=is_moved):
        message = replies.add_locked(
            ticket=ticket,
            sender=_sender(taken, chat, ticket),
            channel=Channel.SOCIAL,
            words=_said(taken),
            attached=taken.files,
        )
        if is_moved:
            replies.reopen(ticket)
    else:
        ticket, message = _open(taken, chat, ticket)
    SocialItem.objects.create(
        chat=chat, external_id=taken.read.item_id, message=message, album=storable(taken.read.album)
    )
    _tell_of_left_out(ticket, taken)
    return message


def _goes_on(ticket: Ticket, chat: SocialChat, *, is_merged: bool) -> bool:
    """Whether the conversation goes on in this case: what was open when it was linked, too, but nothing done before.

    Where its case was merged, it goes on in the other whosever that is.
    """
    if ticket.status == Status.CLOSED or chat.is_public or is_merged:
        return ticket.status != Status.CLOSED
    owner = social_links.customer_of(chat) or chat.customer
    is_unlinked = ticket.requester_id == chat.customer_id and ticket.status not in DONE
    return ticket.requester_id == owner.pk or is_unlinked


def _open(taken: Taken, chat: SocialChat, former: Ticket | None) -> tuple[Ticket, Message]:
    words = _said(taken)
    linked = social_links.customer_of(chat)
    ticket, message = cases.open_within(
        case=cases.NewCase(
            requester=_writer(taken, chat),
            is_requester_proven=linked is not None,
            subject=taken.read.subject or ("" if taken.read.text else _subject_of_files(taken)),
            channel=Channel.SOCIAL,
            requester_address=address_of(taken.account, taken.read.writer),
            team=_team(taken),
            brand=taken.account.brand,
            language=words.language,
            follow_up_of=former,
        ),
        sender=_sender(taken, chat),
        words=words,
        attached=taken.files,
    )
    SocialThread.objects.create(ticket=ticket, chat=chat)
    if taken.read.command == SUPPORT:
        with translation.override(_language(taken)):
            social_outbox.owe_words(chat=chat, text=words_of_command(SUPPORT))
    return ticket, message


def _team(taken: Taken) -> Team | None:
    """The team of the nearest place that has one, else the account's."""
    routes = SocialRoute.objects.filter(account=taken.account, channel_id__in=taken.read.places, is_active=True)
    teams = {route.channel_id: route.team for route in routes.select_related("team")} if taken.read.places else {}
    return next((teams[place] for place in taken.read.places if place in teams), taken.account.team)


def _subject_of_files(taken: Taken) -> str:
    names = [file.name for file in taken.files] or list(taken.left_out)
    return content.names_in_words(names)


def _sender(taken: Taken, chat: SocialChat, ticket: Ticket | None = None) -> Sender:
    """Name who writes; somebody else below a public post is no party, nor one whose case was merged into another's."""
    writer = _writer(taken, chat)
    if ticket is not None and not chat.is_public and ticket.requester_id == chat.customer_id:
        writer = chat.customer
    is_requester = ticket is None or ticket.requester_id == writer.pk
    return Sender(
        role=Message.SenderRole.REQUESTER if is_requester else Message.SenderRole.THIRD_PARTY,
        customer=writer,
        name=taken.read.writer.name,
        address=address_of(taken.account, taken.read.writer),
    )


def _said(taken: Taken) -> replies.Words:
    # A file that could not be had leaves its name, so that the message still says something.
    text = taken.read.text or ("" if taken.files else f"[{content.names_in_words(taken.left_out)}]")
    return replies.Words(text=text, language=language.guess(text) if text else "")


def _album(taken: Taken, chat: SocialChat) -> SocialItem | None:
    """Return the first picture of the album that this one belongs to, if that is here and its case still open."""
    if not taken.read.album:
        return None
    first = chat.items.select_related("message__ticket").filter(album=storable(taken.read.album)).order_by("pk").first()
    return first if first is not None and first.message.ticket.status != Status.CLOSED else None


def _join(taken: Taken, chat: SocialChat, first: SocialItem) -> Message:
    """Put another picture of an album beside the first one."""
    ticket = timeline.lock(first.message.ticket)
    replies.attach_to(ticket=ticket, message=first.message, attached=taken.files, text=taken.read.text)
    SocialItem.objects.create(
        chat=chat, external_id=taken.read.item_id, message=first.message, album=storable(taken.read.album)
    )
    _tell_of_left_out(ticket, taken)
    return first.message


def _correct(taken: Taken, item: SocialItem) -> Message:
    """Let the message say what its writer says now; what it said before stays on the timeline, for staff alone."""
    ticket = timeline.lock(item.message.ticket)
    message = Message.objects.get(pk=item.message_id)
    words = redact(storable(taken.read.text))
    if item.album and not words.text.strip():
        return message  # a picture of an album that has no words of its own: those of the others stand
    if words.text == message.text or not (words.text.strip() or message.attachments.exists()):
        return message
    before = timeline.event_row(CORRECTED, {"seq": message.seq})
    before.text = message.text
    kinds = sorted({finding.kind for finding in words.findings})
    Message.objects.filter(pk=message.pk).update(text=words.text, html="", redactions=kinds)
    timeline.append(ticket, before, is_public=False)
    timeline.retell_last(ticket)
    audit.record(
        "message.corrected",
        actor=message.customer.actor if message.customer else audit.SYSTEM,
        obj=("ticket", ticket.public_id),
        detail={"seq": message.seq},
    )
    effects.message_changed(ticket, message)
    return message


def _item_of(taken: Taken) -> SocialItem | None:
    """Find what an event without its conversation is about.

    By what told of it, in its conversation, else in what its writer said in public.
    """
    if taken.read.told_by:
        told = SocialEvent.objects.filter(account=taken.account, event_id=taken.read.told_by, message__isnull=False)
        which = SocialItem.objects.filter(external_id=taken.read.item_id, message__in=told.values("message"))
        return which.select_related("message__ticket").first()
    chats = _CHAT.run({stand_in(0): taken.account.pk, stand_in_text(0): taken.read.chat_id})
    items = _ITEM.run({stand_in(0): chats[0].pk, stand_in_text(0): taken.read.item_id}) if chats else []
    if items:
        return items[0]
    of_them = SocialItem.objects.filter(chat__in=_public_chats_of(taken.account, taken.read.writer))
    return of_them.filter(external_id=taken.read.item_id).select_related("message__ticket").first()


def _take_back(taken: Taken) -> Message | None:
    """Tell staff that its writer took a message back. Its words stay: somebody may have acted on them."""
    item = _item_of(taken)
    if item is None:
        return None
    ticket = timeline.lock(item.message.ticket)
    message = Message.objects.get(pk=item.message_id)
    timeline.append_event(ticket, TAKEN_BACK, {"seq": message.seq})
    audit.record(
        "message.taken_back",
        actor=message.customer.actor if message.customer else audit.SYSTEM,
        obj=("ticket", ticket.public_id),
        detail={"seq": message.seq},
    )
    effects.message_changed(ticket, message)
    return message


def _come_late(taken: Taken, item: SocialItem) -> Message:
    """Take what was first said after its correction has come: its files, and its words as those from before."""
    ticket = timeline.lock(item.message.ticket)
    message = Message.objects.get(pk=item.message_id)
    if taken.files:
        replies.attach_to(ticket=ticket, message=message, attached=taken.files, text="")
    before = timeline.event_row(CORRECTED, {"seq": message.seq})
    before.text = redact(storable(taken.read.text)).text
    if before.text != message.text:
        timeline.append(ticket, before, is_public=False)
    _tell_of_left_out(ticket, taken)
    return message


def _tell_of_left_out(ticket: Ticket, taken: Taken) -> None:
    if taken.left_out:
        names = redact(storable(content.names_in_words(taken.left_out))).text
        timeline.append_event(ticket, "files_left_out", {"count": len(taken.left_out), "names": names})
