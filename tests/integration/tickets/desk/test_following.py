"""Following, mentions and being told: who hears of what, once, and by which ways."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Staff, Team
from accounts.services import push_devices
from core.clock import from_now, now
from core.ids import new_public_id
from core.models import AuditEntry, Notice
from tests.cast import signed_in
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.tickets import answer, mail_ticket
from tests.support.push_service import Browser
from tickets.models import NoticeSettings, PushMessage, StaffNotice, Ticket
from tickets.models.staff_notice import Digest, NoticeKind
from tickets.selectors import push_words, queue
from tickets.services import errors, following, mentions, merging, properties, replies, staff_notices
from tickets.services.senders import Sender

LONG_AGO = timedelta(minutes=1)


@pytest.fixture
def ticket(db: None) -> Ticket:
    return mail_ticket()


def told(person: Staff) -> list[str]:
    """The kinds of what a person was told of, in order."""
    return list(StaffNotice.objects.filter(staff=person).order_by("pk").values_list("kind", flat=True))


def device_of(person: Staff) -> None:
    posted = Browser(f"https://127.0.0.1/{new_public_id()}").posted
    push_devices.turn_on(person=person, session=new_public_id(), name="Firefox, Linux", **posted)


def test_follower__hears_of_answers_and_notes_and_no_longer_once_they_stop(
    ticket: Ticket, agent: Staff, lead: Staff
) -> None:
    following.follow(ticket=ticket, person=lead, by=lead)
    answer(ticket)
    replies.add_note(ticket=ticket, author=agent, text="Looks right.")
    replies.add_note(ticket=ticket, author=lead, text="My own word.")
    assert told(lead) == ["answered", "noted"]
    assert following.unfollow(ticket=ticket, person=lead, by=lead)
    assert not following.unfollow(ticket=ticket, person=lead, by=lead)
    answer(ticket, "Still there?")
    assert len(told(lead)) == 2
    done = AuditEntry.objects.filter(object_id=ticket.public_id, action__startswith="ticket.").values_list("action")
    assert {"ticket.followed", "ticket.unfollowed"} <= {action for (action,) in done}


def test_assignee__hears_who_gave_it_and_of_answers_but_not_of_their_own_doing(
    ticket: Ticket, agent: Staff, lead: Staff
) -> None:
    properties.assign(ticket=ticket, to=lead, by=lead)
    assert told(lead) == []
    properties.assign(ticket=ticket, to=agent, by=lead)
    answer(ticket)
    assert told(agent) == ["assigned", "answered"]
    assert StaffNotice.objects.filter(staff=agent).earliest("pk").by == lead
    assert told(lead) == []


def test_automatic_mail_and_the_first_message__tell_nobody(ticket: Ticket, agent: Staff) -> None:
    following.follow(ticket=ticket, person=agent, by=agent)
    sender = Sender(role="requester", customer=ticket.requester, name="Mina", address="mina@customer.test")
    words = replies.Words(text="I am out of the office.", is_automatic=True)
    replies.add(ticket=ticket, sender=sender, channel="email", words=words)
    assert told(agent) == []


def test_mention__tells_that_person_once_and_nobody_who_may_not_see_it(
    ticket: Ticket, agent: Staff, lead: Staff, light_agent: Staff
) -> None:
    hidden: Team = TeamFactory.create(is_restricted=True)
    secret = mail_ticket(subject="Hidden")
    properties.move_to_team(ticket=secret, to=hidden, by=lead)
    following.follow(ticket=ticket, person=lead, by=lead)
    replies.add_note(ticket=ticket, author=agent, text="@Lin Lead, @LOU LIGHT: and write to x@agent.test, not @nobody")
    assert told(lead) == ["mentioned"]
    assert told(light_agent) == ["mentioned"]
    hidden.members.add(lead)
    replies.add_note(ticket=secret, author=lead, text="@Ada Agent look")
    assert told(agent) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@Ana Silva has it", {"Ana Silva"}),
        ("@ana has it.", {"Ana"}),
        ("Thanks @ana.", {"Ana"}),
        ("@ana.silva: yours", {"Ana Silva"}),
        ("@ana.souza is nobody here", set()),
        ("请看 @李雷，谢谢", {"李雷"}),
        ("mail@ana silva", set()),
        ("@Anais", set()),
        ("@twin", {"Twin"}),
        ("@ana @Ana Silva", {"Ana", "Ana Silva"}),
    ],
)
def test_names__are_found_whole_the_longest_first(db: None, text: str, expected: set[str]) -> None:
    for email, name in (("a1", "Ana"), ("ana.silva", "Ana Silva"), ("li", "李雷"), ("t1", "Twin"), ("t2", "Twin")):
        StaffFactory.create(email=f"{email}@pharos.test", name=name)
    found = mentions.named_in(text, Staff.objects.all())
    assert {one.name for one in found} == expected
    assert len(found) == (2 if "twin" in text else len(expected))


def test_others__are_added_by_whoever_changes_tickets_and_only_if_they_may_see_it(
    ticket: Ticket, agent: Staff, lead: Staff, light_agent: Staff, outsider: Staff
) -> None:
    assert following.follow(ticket=ticket, person=lead, by=agent)
    with pytest.raises(errors.Refused):
        following.follow(ticket=ticket, person=lead, by=light_agent)
    with pytest.raises(errors.Refused):
        following.unfollow(ticket=ticket, person=lead, by=light_agent)
    with pytest.raises(errors.Refused, match="cannot see"):
        following.follow(ticket=ticket, person=outsider, by=agent)


def test_stranger_who_writes_into_it__is_no_answer_of_the_customer(ticket: Ticket, agent: Staff) -> None:
    following.follow(ticket=ticket, person=agent, by=agent)
    sender = Sender(role="third_party", name="Somebody", address="somebody@elsewhere.test")
    replies.add(ticket=ticket, sender=sender, channel="email", words=replies.Words(text="It is me."))
    assert told(agent) == []


def test_first_answer__that_takes_a_ticket__is_in_the_audit_log_as_an_assignment(ticket: Ticket, agent: Staff) -> None:
    replies.add(
        ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="I take care of it.")
    )
    assert AuditEntry.objects.filter(object_id=ticket.public_id, action="ticket.assignee_changed").count() == 1


def test_kind_that_is_turned_off__is_not_told(ticket: Ticket, agent: Staff, lead: Staff) -> None:
    staff_notices.choose(by=agent, shown=["assigned"], pushed=[], mailed=["mentioned"], digest=Digest.DAILY)
    assert NoticeSettings.objects.get().shown == ["mentioned", "assigned"]
    following.follow(ticket=ticket, person=agent, by=agent)
    answer(ticket)
    replies.add_note(ticket=ticket, author=lead, text="@Ada Agent")
    assert told(agent) == ["mentioned"]


def test_page__counts_what_is_new_until_the_ticket_was_opened(
    ticket: Ticket, client: Client, agent: Staff, lead: Staff
) -> None:
    desk = signed_in(client, agent)
    other = mail_ticket(subject="The other one")
    for one in (ticket, other):
        properties.assign(ticket=one, to=agent, by=lead)
    assert queue.counts(agent)["notices"] == 2
    page = desk.get(reverse("desk:notices")).content.decode()
    assert "Lin Lead gave you this ticket" in page
    desk.get(reverse("desk:ticket", args=[ticket.public_id]))
    assert queue.counts(agent)["notices"] == 1
    answer(ticket)
    assert queue.counts(agent)["notices"] == 2
    desk.get(reverse("desk:timeline", args=[ticket.public_id]), {"since": "1"})
    assert queue.counts(agent)["notices"] == 1
    until = StaffNotice.objects.earliest("pk").created_at
    assert desk.post(reverse("desk:notices_done"), {"until": until.isoformat()}).status_code == 302
    assert queue.counts(agent)["notices"] == 1
    assert desk.post(reverse("desk:notices_done"), {"until": "yesterday"}).status_code == 400
    assert desk.post(reverse("desk:notices_done"), {"until": now().isoformat()}).status_code == 302
    assert queue.counts(agent)["notices"] == 0


def test_device__is_told_of_what_nobody_looked_at_after_the_quiet_hours(
    ticket: Ticket, agent: Staff, lead: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    device_of(agent)
    here = timezone.now().astimezone(ZoneInfo(agent.time_zone))
    agent.quiet_from, agent.quiet_until = (here - timedelta(hours=1)).time(), (here + timedelta(hours=1)).time()
    agent.save(update_fields=["quiet_from", "quiet_until"])
    replies.add_note(ticket=ticket, author=lead, text="@agent please")
    assert staff_notices.sweep() == 0
    monkeypatch.setattr(staff_notices, "PATIENCE", -LONG_AGO)
    assert staff_notices.sweep() == 1
    assert staff_notices.sweep() == 0
    row = PushMessage.objects.get()
    assert timedelta(minutes=50) < row.next_attempt_at - now() < timedelta(minutes=61)
    shown = push_words.shown(row, agent)
    assert shown.title == f"Ticket #{ticket.number}"
    assert shown.body == "Lin Lead mentions you in a note"
    assert push_words.is_needed(row)
    staff_notices.looked(ticket=ticket, by=agent)
    row.refresh_from_db()
    assert not push_words.is_needed(PushMessage.objects.get())


def test_digest__gathers_what_nobody_looked_at_once_and_no_word_of_the_customer(
    ticket: Ticket, agent: Staff, lead: Staff
) -> None:
    staff_notices.choose(by=agent, shown=[], pushed=[], mailed=["assigned", "answered"], digest=Digest.HOURLY)
    properties.assign(ticket=ticket, to=agent, by=lead)
    answer(ticket, "The customer's own words")
    assert staff_notices.sweep() == 0
    for _round in range(2):
        NoticeSettings.objects.update(next_digest_at=from_now(-LONG_AGO))
        staff_notices.sweep()
    mail = Notice.objects.get(kind="digest")
    assert mail.to_address == agent.email
    assert mail.subject == "2 things on your tickets"
    assert f"#{ticket.number}: Lin Lead gave you this ticket" in mail.body
    assert "own words" not in mail.body
    assert ticket.subject not in mail.body
    assert NoticeSettings.objects.filter(next_digest_at__gt=now()).exists()


def test_digest__of_more_than_fifty__goes_on_with_the_rest_and_waits_for_quiet_hours(
    ticket: Ticket, agent: Staff, lead: Staff
) -> None:
    staff_notices.choose(by=agent, shown=[], pushed=[], mailed=["noted"], digest=Digest.HOURLY)
    StaffNotice.objects.bulk_create(
        StaffNotice(staff=agent, ticket=ticket, seq=number, kind="noted", by=lead) for number in range(1, 52)
    )
    here = timezone.now().astimezone(ZoneInfo(agent.time_zone))
    for quiet, mails in (
        ((here - timedelta(hours=1), here + timedelta(hours=1)), 0),
        ((None, None), 1),
        ((None, None), 2),
    ):
        starts, ends = (at.time() if at else None for at in quiet)
        Staff.objects.filter(pk=agent.pk).update(quiet_from=starts, quiet_until=ends)
        NoticeSettings.objects.update(next_digest_at=from_now(-LONG_AGO))
        staff_notices.sweep()
        assert Notice.objects.filter(kind="digest").count() == mails


def test_daily_digest__comes_at_eight_by_ones_own_clock(agent: Staff) -> None:
    Staff.objects.filter(pk=agent.pk).update(time_zone="Asia/Shanghai")
    agent.refresh_from_db()
    staff_notices.choose(by=agent, shown=[], pushed=[], mailed=["noted"], digest=Digest.DAILY)
    due = NoticeSettings.objects.get().next_digest_at
    assert due is not None
    assert due.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%H:%M:%S") == "08:00:00"
    assert timedelta() < due - now() <= timedelta(days=1)


def test_merge__takes_the_followers_along(ticket: Ticket, agent: Staff, lead: Staff) -> None:
    following.follow(ticket=ticket, person=lead, by=lead)
    target = mail_ticket(subject="Goes on here")
    merging.merge(source=ticket, into=target, by=agent)
    answer(target)
    assert told(lead) == ["answered"]


def test_doors__follow_oneself_add_by_name_and_say_what_is_wrong(
    ticket: Ticket, client: Client, agent: Staff, lead: Staff
) -> None:
    desk = signed_in(client, agent)
    path = reverse("desk:follow", args=[ticket.public_id])
    assert desk.post(path).status_code == 302
    assert desk.post(path, {"name": "lin lead"}).status_code == 302
    assert set(ticket.followers.values_list("staff", flat=True)) == {agent.pk, lead.pk}
    side = desk.get(reverse("desk:ticket", args=[ticket.public_id]), {"part": "side"}).content.decode()
    assert "Lin Lead" in side
    assert "Stop following" in side
    wrong = desk.post(path, {"name": "Nobody Atall"})
    assert wrong.status_code == 422
    assert "Nobody here has this name." in wrong.content.decode()
    Staff.objects.filter(pk=lead.pk).update(is_active=False)
    assert desk.post(path, {"stop": "1", "person": lead.public_id}).status_code == 302
    assert list(ticket.followers.values_list("staff", flat=True)) == [agent.pk]


def test_settings__are_kept_and_a_mail_without_an_hour_is_refused(client: Client, agent: Staff) -> None:
    desk = signed_in(client, agent)
    path = reverse("desk:notice_settings")
    refused = desk.post(path, {"mailed": ["assigned"]})
    assert refused.status_code == 422
    assert "Choose how often the mail comes." in refused.content.decode()
    assert desk.post(path, {"shown": ["assigned"], "pushed": ["noted"]}).status_code == 302
    row = NoticeSettings.objects.get()
    assert row.shown == [NoticeKind.ASSIGNED, NoticeKind.NOTED]
    assert row.pushed == [NoticeKind.NOTED]
    assert desk.get(path).content.decode().count(" checked") == 3
