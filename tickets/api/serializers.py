"""Shapes of API v1; docs/api in the OpenAPI schema. Contact data goes out only as the caller's role may see it."""

from collections.abc import Iterable
from typing import Any

from django.core.validators import validate_email
from rest_framework import serializers

from accounts.masking import masked
from tickets.forms import PHONE
from tickets.models import GuidedKind, Ticket, TicketLink, Topic
from tickets.models.channel import Channel
from tickets.models.ticket import Priority, Status
from tickets.rendering.html import safe_html
from tickets.selectors.guided import GuidedShown
from tickets.selectors.people import customer_name
from tickets.selectors.sla_clocks import ClockTold
from tickets.selectors.timeline import MessageShown
from tickets.sla.vocabulary import Metric

NEW_TICKET_CHANNELS = [
    ("phone", "Phone"),
    ("email", "Email"),
    ("social", "Social"),
    ("web", "Web form"),
    ("api", "API"),
]
DELIVERY_STATES = [(state, state) for state in ("queued", "sent", "bounced", "failed", "cancelled")]
CLOCK_STATES = [(state, state) for state in ("running", "paused", "overdue", "met", "late", "missed", "ended")]
INTAKE_STATES = [(state, state) for state in ("stored", "processed", "ignored", "quarantined")]


class PersonSerializer(serializers.Serializer[Any]):
    """A staff member."""

    id = serializers.CharField()
    name = serializers.CharField()


class RequesterSerializer(serializers.Serializer[Any]):
    """Who asks; `address` is masked, `proven` says whether the address is theirs."""

    id = serializers.CharField()
    name = serializers.CharField()
    address = serializers.CharField()
    proven = serializers.BooleanField()


class PolicySerializer(serializers.Serializer[Any]):
    """An SLA policy."""

    id = serializers.CharField()
    name = serializers.CharField()


class ClockSerializer(serializers.Serializer[Any]):
    """One promise: the latest of its kind. `target_seconds` is time of the policy's calendar.

    `overdue` is open and missed, `late` met after it was missed, `missed` over without being met, `ended` over with
    nothing left to keep. `due_at` is null while it is paused, and once it is over.
    """

    metric = serializers.ChoiceField(choices=Metric.choices)
    state = serializers.ChoiceField(choices=CLOCK_STATES)
    due_at = serializers.DateTimeField(allow_null=True)
    target_seconds = serializers.IntegerField()
    policy = PolicySerializer()


class TicketSerializer(serializers.Serializer[Ticket]):
    """One ticket."""

    id = serializers.CharField()
    number = serializers.IntegerField()
    subject = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.choices)
    priority = serializers.ChoiceField(choices=Priority.choices)
    channel = serializers.ChoiceField(choices=Channel.choices)
    requester = RequesterSerializer()
    assignee = PersonSerializer(allow_null=True)
    team = serializers.CharField(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    language = serializers.CharField(allow_blank=True)
    clocks = ClockSerializer(many=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class AnswerSerializer(serializers.Serializer[Any]):
    """One answer to a guided form, as it was checked. `message_seq` names the message that brought it later."""

    question = serializers.CharField()
    kind = serializers.ChoiceField(choices=GuidedKind.choices)
    value = serializers.CharField()
    network = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    message_seq = serializers.IntegerField(allow_null=True)


class GuidedSerializer(serializers.Serializer[Any]):
    """What a guided form brought, and the questions that are still open."""

    form = serializers.CharField()
    answers = AnswerSerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField())


class LinkSerializer(serializers.Serializer[Any]):
    """Another ticket that the caller may see. `is_first` says that this ticket is the duplicate, parent or new one."""

    id = serializers.CharField()
    number = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=TicketLink.Kind.choices)
    is_first = serializers.BooleanField()


class WholeTicketSerializer(TicketSerializer):
    """One ticket, with what its guided form brought (null where it came by none) and the tickets that it belongs to.

    `merged_into` is the id of the ticket in which a merged one goes on, null where the caller may not see that.
    """

    guided = GuidedSerializer(allow_null=True)
    merged_into = serializers.CharField(allow_null=True)
    links = LinkSerializer(many=True)


class TicketPageSerializer(serializers.Serializer[Any]):
    """One page of tickets, newest activity first, with the addresses of its neighbours."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = TicketSerializer(many=True)


# What ticket_shown reads.
COLUMNS = (
    "public_id", "number", "subject", "status", "priority", "channel", "requester_address", "is_requester_proven",
    "language", "created_at", "updated_at", "requester__public_id", "requester__name", "assignee__public_id",
    "assignee__name", "team__slug",
)  # fmt: skip


def ticket_shown(ticket: Ticket, clocks: Iterable[ClockTold]) -> dict[str, Any]:
    """Return one ticket as API v1 shows it; requester, assignee, team and tags must have been joined."""
    address = ticket.requester_address
    assignee = ticket.assignee
    return {
        "id": ticket.public_id,
        "number": ticket.number,
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority,
        "channel": ticket.channel,
        "requester": {
            "id": ticket.requester.public_id,
            "name": customer_name(ticket.requester, address),
            "address": masked("email" if "@" in address else "phone", address) if address else "",
            "proven": ticket.is_requester_proven,
        },
        "assignee": {"id": assignee.public_id, "name": assignee.name} if assignee else None,
        "team": ticket.team.slug if ticket.team else None,
        "tags": _tags(ticket),
        "language": ticket.language,
        "clocks": [_clock(one) for one in clocks],
        "created_at": ticket.created_at.isoformat(),
        "updated_at": ticket.updated_at.isoformat(),
    }


def guided_shown(guided: GuidedShown | None) -> dict[str, Any] | None:
    """Return what a guided form brought, as API v1 shows it."""
    if guided is None:
        return None
    answers = [
        {
            "question": fact.label,
            "kind": fact.kind,
            "value": fact.value,
            "network": fact.network,
            "note": fact.note,
            "message_seq": fact.later,
        }
        for fact in guided.facts
    ]
    return {"form": guided.form, "answers": answers, "missing": list(guided.missing)}


def _clock(told: ClockTold) -> dict[str, Any]:
    return {
        "metric": told.metric,
        "state": told.state,
        "due_at": told.due_at.isoformat() if told.due_at else None,
        "target_seconds": round(told.target.total_seconds()),
        "policy": {"id": told.policy, "name": told.policy_name},
    }


def _tags(ticket: Ticket) -> list[str]:
    """Return names in order; the list has them annotated as `tag_names`."""
    annotated: list[str] | None = getattr(ticket, "tag_names", None)
    return annotated if annotated is not None else sorted(tag.name for tag in ticket.tags.all())


class NewRequesterSerializer(serializers.Serializer[Any]):
    """The person a ticket is opened for; the address stays a claim until they prove it."""

    address = serializers.CharField(max_length=254)
    name = serializers.CharField(max_length=160, required=False, allow_blank=True, default="")

    def validate_address(self, given: str) -> str:
        """Accept a mail address or a phone number, as the desk's form does."""
        if "@" in given:
            validate_email(given)
            return given.lower()
        if PHONE.fullmatch(given):
            return given
        raise serializers.ValidationError("A mail address, or a phone number such as +44 20 8366 1177.")


class NewTicketSerializer(serializers.Serializer[Any]):
    """A ticket to open."""

    subject = serializers.CharField(max_length=250)
    text = serializers.CharField(max_length=100_000)
    requester = NewRequesterSerializer()
    channel = serializers.ChoiceField(choices=NEW_TICKET_CHANNELS, default="api")
    priority = serializers.ChoiceField(choices=Priority.choices, default=Priority.NORMAL)
    topic = serializers.SlugRelatedField(
        slug_field="slug", queryset=Topic.objects.filter(parent__isnull=False, is_active=True), required=False
    )
    language = serializers.CharField(max_length=16, required=False, default="")


class SenderSerializer(serializers.Serializer[Any]):
    """Who wrote; `address` is masked."""

    name = serializers.CharField()
    address = serializers.CharField(allow_blank=True)
    proven = serializers.BooleanField()


class FileSerializer(serializers.Serializer[Any]):
    """One attachment."""

    id = serializers.CharField()
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()


class DeliverySerializer(serializers.Serializer[Any]):
    """Where the mail of a reply is."""

    state = serializers.ChoiceField(choices=DELIVERY_STATES)
    detail = serializers.CharField(allow_blank=True)


class MessageSerializer(serializers.Serializer[Any]):
    """One message, note or event. `html` is sanitised; remote images are left out."""

    seq = serializers.IntegerField()
    public_seq = serializers.IntegerField(allow_null=True)
    kind = serializers.ChoiceField(choices=["reply", "note", "event"])
    direction = serializers.ChoiceField(choices=["in", "out"])
    channel = serializers.ChoiceField(choices=Channel.choices)
    sender = SenderSerializer()
    text = serializers.CharField(allow_blank=True)
    html = serializers.CharField(allow_blank=True)
    attachments = FileSerializer(many=True)
    delivery = DeliverySerializer(allow_null=True)
    created_at = serializers.DateTimeField()


def message_shown(message: MessageShown) -> dict[str, Any]:
    """Return one message as API v1 shows it."""
    delivery = message.delivery
    return {
        "seq": message.seq,
        "public_seq": message.public_seq,
        "kind": message.kind,
        "direction": message.direction,
        "channel": message.channel,
        "sender": {
            "name": message.sender.name,
            "address": message.sender.address,
            "proven": message.proof in {"proven", "staff"},
        },
        "text": "".join(segment.text for segment in message.segments),
        "html": _html(message),
        "attachments": [
            {"id": file.id, "name": file.name, "content_type": file.content_type, "size": file.size}
            for file in message.attachments
            if file.state != "restricted"
        ],
        "delivery": {"state": _delivery_state(delivery.state), "detail": delivery.detail} if delivery else None,
        "created_at": message.created_at.isoformat(),
    }


def _delivery_state(shown: str) -> str:
    """Return the stored state: the desk's undo window is no state of its own."""
    return "queued" if shown == "held" else shown


def _html(message: MessageShown) -> str:
    if not message.html:
        return ""
    return safe_html(message.html, image_source=lambda _reference: None, allow_remote_images=False).html


class MessageListSerializer(serializers.Serializer[Any]):
    """Messages after `since`, in order."""

    results = MessageSerializer(many=True)


class NewMessageSerializer(serializers.Serializer[Any]):
    """A reply to the customer or an internal note. `seen_public_seq` refuses a reply to what was not read."""

    kind = serializers.ChoiceField(choices=["reply", "note"], default="reply")
    text = serializers.CharField(max_length=100_000)
    seen_public_seq = serializers.IntegerField(required=False, min_value=0, allow_null=True, default=None)
    then_status = serializers.ChoiceField(choices=Status.choices, required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what a note cannot do."""
        if attrs["kind"] == "note" and (attrs["then_status"] or attrs["seen_public_seq"] is not None):
            raise serializers.ValidationError("`then_status` and `seen_public_seq` belong to a reply.")
        return attrs


class IntakeAcceptedSerializer(serializers.Serializer[Any]):
    """A raw mail that is kept."""

    id = serializers.CharField()
    state = serializers.ChoiceField(choices=INTAKE_STATES)


class IntakeStateSerializer(serializers.Serializer[Any]):
    """What became of a raw mail."""

    state = serializers.ChoiceField(choices=INTAKE_STATES)
    reason = serializers.CharField(allow_blank=True)
    ticket = serializers.CharField(allow_null=True)
    message_seq = serializers.IntegerField(allow_null=True)


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem document."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    # DRF's own attribute of this name is the errors of validation, which a response shape never has.
    errors = serializers.DictField(required=False)  # type: ignore[assignment]
