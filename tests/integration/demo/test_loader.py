"""The demo data in a real database: complete, consistent with the product's own rules, and loaded once."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F, Max, Q
from pytest_django import DjangoDbBlocker

from accounts.models import CustomerAddress, ExchangeAccount, Shift, Staff
from core import clock, files
from core.models import AuditEntry
from helpdesk.demo import cast, chat, guided, loader
from livechat.models import ProactiveMessage, TopicForm, TopicQuestion
from sandbox import people
from security.models import TotpDevice, TrainingCertificate
from tickets.models import (
    Attachment,
    CannedReply,
    EscalationChain,
    GuidedForm,
    GuidedQuestion,
    InboundMail,
    Message,
    OnCallSchedule,
    OutboundMail,
    SlaClock,
    Ticket,
)
from tickets.models.ticket import ACTIVE, Status
from tickets.selectors import on_call
from tickets.services import canned, sla_sweep
from tickets.services.timeline import EVENTS, first_line


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[loader.Loaded]:
    """The whole demo, loaded once for this module inside a transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield loader.load(say=lambda line: None)
        transaction.set_rollback(True)


def test_load__empty_database__fills_every_queue(loaded: loader.Loaded) -> None:
    agent = Staff.objects.get(email="agent@pharos.test")

    assert Ticket.objects.count() == loaded.tickets >= 420
    assert set(Ticket.objects.values_list("status", flat=True)) == set(Status.values)
    assert Ticket.objects.visible_to(agent).active().filter(assignee=agent).count() >= 5
    assert Ticket.objects.unassigned().count() >= 8
    assert Ticket.objects.filter(is_spam=True).exists()
    assert InboundMail.objects.filter(state="quarantined").count() == 4


def test_load__staff_who_act_on_funds__are_trained_by_the_administrator(loaded: loader.Loaded) -> None:
    found = TrainingCertificate.objects.valid()
    trained = set(found.values_list("person__email", flat=True))

    assert {"agent@pharos.test", "lead@pharos.test", "helena@pharos.test"} <= trained
    assert {"admin@pharos.test", "auditor@pharos.test"} & trained == set()
    assert set(found.values_list("recorded_by__email", flat=True)) == {"admin@pharos.test"}


def test_load__chat__asks_first_in_both_languages_and_agents_have_replies_that_may_leave(loaded: loader.Loaded) -> None:
    forms = TopicForm.objects.filter(inbox__slug=cast.CHAT)
    assert set(forms.values_list("topic__slug", flat=True)) == {
        "deposits-missing",
        "withdrawals-pending",
        "account-sign-in",
    }
    assert not forms.filter(name_zh_hans="").exists()
    assert not TopicQuestion.objects.filter(form__in=forms, label_zh_hans="").exists()
    canned.check([text for row in CannedReply.objects.all() for text in (row.text, row.text_zh_hans)])
    assert CannedReply.objects.filter(team=None, owner=None).count() == len((*chat.CANNED, guided.MISSING))
    # The same for what is asked at the portal and in the public form.
    assert GuidedForm.objects.count() == len(guided.FORMS)
    assert not GuidedForm.objects.filter(Q(name_zh_hans="") | Q(lead_zh_hans="") | Q(matter_zh_hans="")).exists()
    assert not GuidedQuestion.objects.filter(label_zh_hans="").exists()
    for question in GuidedQuestion.objects.all():
        question.full_clean()
    for message in ProactiveMessage.objects.all():
        message.full_clean()


def test_load__second_time__changes_nothing(loaded: loader.Loaded) -> None:
    before = Message.objects.count()

    assert loader.load(say=lambda line: None) == loader.Loaded()
    assert Message.objects.count() == before
    assert AuditEntry.objects.filter(action=loader.LOADED).count() == 1


def test_load__sequences__are_gapless_and_match_the_ticket(loaded: loader.Loaded) -> None:
    wrong = (
        Ticket.objects.annotate(
            said=Count("messages"),
            top=Max("messages__seq"),
            shown=Count("messages", filter=Q(messages__public_seq__isnull=False)),
            shown_top=Max("messages__public_seq"),
        )
        .exclude(said=F("last_seq"), top=F("last_seq"), shown=F("last_public_seq"), shown_top=F("last_public_seq"))
        .count()
    )

    assert wrong == 0


def test_load__messages__are_in_order_and_in_the_past(loaded: loader.Loaded) -> None:
    now = clock.now()
    last: dict[int, Message] = {}
    for message in Message.objects.order_by("ticket_id", "seq").only("ticket_id", "seq", "created_at"):
        if message.ticket_id in last:
            assert last[message.ticket_id].created_at <= message.created_at
        assert message.created_at <= now
        last[message.ticket_id] = message


def test_load__queue_columns__say_what_the_last_reply_says(loaded: loader.Loaded) -> None:
    for ticket in Ticket.objects.prefetch_related("messages"):
        replies = [message for message in ticket.messages.all() if message.kind == "reply"]
        newest = max(replies, key=lambda message: message.seq)
        assert ticket.last_line == first_line(newest.text)
        assert ticket.last_direction == newest.direction


def test_load__notes_and_third_parties__have_no_public_number(loaded: loader.Loaded) -> None:
    hidden = Message.objects.filter(Q(kind__in=["note", "event"]) | Q(sender_role="third_party"))

    assert hidden.filter(sender_role="third_party").exists()
    assert not hidden.filter(public_seq__isnull=False).exists()


def test_load__events__use_the_closed_vocabulary(loaded: loader.Loaded) -> None:
    assert set(Message.objects.exclude(event="").values_list("event", flat=True)) <= EVENTS


def test_load__secrets__are_masked_everywhere(loaded: loader.Loaded) -> None:
    masked = Message.objects.exclude(redactions=[])

    assert {"seed_phrase", "card_number"} <= {
        kind for kinds in masked.values_list("redactions", flat=True) for kind in kinds
    }
    assert all("⟦removed:" in text for text in masked.values_list("text", flat=True))


def test_load__outbox__is_in_its_end_states_with_nothing_to_do(loaded: loader.Loaded) -> None:
    states = set(OutboundMail.objects.values_list("state", flat=True))

    assert states == {"sent", "bounced", "failed"}
    assert not OutboundMail.objects.filter(Q(is_reported=False) | ~Q(lease_token=None)).exists()
    assert not InboundMail.objects.filter(state="stored").exists()


def test_load__claimed_addresses__never_belong_to_a_proven_customer(loaded: loader.Loaded) -> None:
    proven = CustomerAddress.objects.exclude(proof="claimed").values("customer")

    assert not Ticket.objects.filter(is_requester_proven=False, requester__in=proven).exists()
    assert not Message.objects.filter(is_sender_proven=False, sender_role="requester", customer__in=proven).exists()


def test_load__files__lie_on_disk_and_inline_images_are_shown_by_the_html(loaded: loader.Loaded) -> None:
    attachments = list(Attachment.objects.select_related("file", "message"))

    assert {"image/png", "application/pdf", "text/plain"} <= {one.stored.content_type for one in attachments}
    assert all(len(files.read(one.stored)) == one.stored.size for one in attachments[:20])
    inline = [one for one in attachments if one.is_inline]
    assert inline
    assert all(f"cid:{one.content_id}" in one.message.html for one in inline)


def test_load__assignees__may_see_their_tickets(loaded: loader.Loaded) -> None:
    for person in Staff.objects.filter(assigned_tickets__isnull=False).distinct():
        mine = Ticket.objects.filter(assignee=person)
        assert Ticket.objects.visible_to(person).filter(pk__in=mine.values("pk")).count() == mine.count(), person.email


def test_load__restricted_team__is_hidden_from_agents(loaded: loader.Loaded) -> None:
    agent = Staff.objects.get(email="agent@pharos.test")
    restricted = Ticket.objects.filter(team__is_restricted=True)

    assert restricted.filter(status__in=ACTIVE).exists()
    assert not Ticket.objects.visible_to(agent).filter(pk__in=restricted.values("pk")).exists()


def test_load__resolved_tickets__have_topic_and_time(loaded: loader.Loaded) -> None:
    done = Ticket.objects.filter(status__in=[Status.RESOLVED, Status.CLOSED])

    assert done.exists()
    assert not done.filter(Q(topic=None) | Q(resolved_at=None)).exists()
    assert not Ticket.objects.filter(status__in=ACTIVE).exclude(resolved_at=None).exists()


def test_load__staff__sign_in_with_the_published_password_and_a_secret_of_their_own(loaded: loader.Loaded) -> None:
    people = Staff.objects.filter(email__in=[f"{role}@pharos.test" for role in ("agent", "lead", "auditor", "admin")])
    secrets = {device.secret for device in TotpDevice.objects.filter(confirmed_at__isnull=False)}

    assert {person.role for person in people} == {"agent", "lead", "auditor", "admin"}
    assert all(check_password("lighthouse", person.password) for person in people)
    assert len(secrets) == Staff.objects.count()


@pytest.mark.django_db
def test_load_demo__outside_development__is_refused(settings: Any) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError):
        call_command("load_demo")
    assert not AuditEntry.objects.filter(action=loader.LOADED).exists()


def test_load__customers_of_the_sandbox_exchange__are_those_who_have_an_account_there(loaded: loader.Loaded) -> None:
    kept = dict(ExchangeAccount.objects.values_list("customer__addresses__value", "account_id"))
    assert kept == {person.email: person.account_id for person in people.PEOPLE}
    assert all(Ticket.objects.filter(requester__addresses__value=email).exists() for email in kept)


def test_load__service_levels__hold_for_all_that_is_to_be_done_and_some_were_missed(loaded: loader.Loaded) -> None:
    cases = Ticket.objects.filter(is_spam=False)
    assert not cases.filter(sla_version__isnull=True).exists()
    assert cases.filter(status__in=["new", "open"], due_at__isnull=False).count() >= 20
    open_now = SlaClock.objects.filter(met_at__isnull=True, ended_at__isnull=True)
    assert not open_now.filter(ticket__status__in=["resolved", "closed"]).exists()
    met, missed = (SlaClock.objects.filter(met_at__isnull=False), SlaClock.objects.filter(breached_at__isnull=False))
    assert met.count() > 3 * missed.count() > 0
    assert open_now.filter(due_at__gt=clock.now()).exists()
    assert sla_sweep.sweep() == 0
    assert EscalationChain.objects.get().steps.count() == 4
    assert on_call.who(OnCallSchedule.objects.get(), clock.now()) is not None


def test_load__shifts__cover_the_days_around_now_and_hand_over(loaded: loader.Loaded) -> None:
    assert Shift.objects.standing().filter(ends_at__gt=clock.now()).count() >= 30
    assert Shift.objects.standing().exclude(note="").exists()
    languages = Shift.objects.now().values_list("staff__presence__languages", flat=True)
    assert all("en" in spoken for spoken in languages)
