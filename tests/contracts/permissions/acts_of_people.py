"""Acts of signing in, of one's own account, and of API programs."""

import secrets

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Staff
from core.ids import new_public_id
from core.models import Notice
from security.models import TotpDevice
from security.services import invitations, password_reset, recovery_codes
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, half_way_in, person, program, ticket
from tests.factories.accounts import PASSWORD
from tests.factories.guided import deposit_form, ids_of
from tests.factories.security import code_of
from tests.factories.tickets import MailboxFactory
from tests.support.letters import letter
from tickets import contact_work

NEW = "nine green herons fly"
TWICE = {"password": NEW, "password_again": NEW}
OPENED = ("tickets.Ticket", "tickets.Message", "accounts.Customer", "accounts.CustomerAddress")
SESSION_OPENED = ("sessions.Session", "security.StaffSession", "security.TotpDevice", "accounts.Staff")


@act("POST root", why="leads to the desk")
def go_to_the_desk() -> Prepared:
    return Sending(browser(person()), at("root"))


@act("POST set_language", why="a cookie of the browser")
def choose_a_language() -> Prepared:
    return Sending(Client(), at("set_language"), {"language": "zh-hans", "next": "/"})


@act("POST security:sign_in", "sessions.Session")
def give_the_password() -> Prepared:
    return Sending(
        Client(), at("security:sign_in"), {"email": person().email, "password": PASSWORD}, frozenset({"next"})
    )


@act("POST security:sign_in", "sessions.Session", "security.TotpDevice")
def give_the_password_without_an_authenticator() -> Prepared:
    who = person()
    TotpDevice.objects.filter(staff=who).delete()
    return Sending(Client(), at("security:sign_in"), {"email": who.email, "password": PASSWORD})


@act("POST security:sign_in", "axes.AccessAttempt")
def give_a_wrong_password() -> Prepared:
    return Sending(Client(), at("security:sign_in"), {"email": person().email, "password": "wrong"})


@act("POST verify", "security.ChannelReport")
def report_an_impostor() -> Prepared:
    data = {"what": "report", "value": f"@{new_public_id()}", "kind": "telegram", "told": "Asked for my code."}
    # Reports are limited by address, and others have reported from the usual one.
    stranger = Client(REMOTE_ADDR=f"2001:db8::{secrets.token_hex(2)}")
    return Sending(stranger, at("verify"), data, frozenset({"text", "file", "address"}))


@act("POST contact_form", *OPENED, "tickets.GuidedRequest", "tickets.GuidedAnswer")
def write_without_signing_in() -> Prepared:
    MailboxFactory.create()
    form = deposit_form(new_public_id())
    ids = ids_of(form)
    data = {
        f"q-{ids['asset']}": "BTC", f"b-{ids['asset']}": "bitcoin", "form_key": contact_work.new_key(),
        "address": f"{new_public_id()}@example.com",
    }  # fmt: skip
    stranger = Client(REMOTE_ADDR=f"2001:db8:1::{secrets.token_hex(2)}")
    return Sending(stranger, at("contact_form", form.topic.slug), data, frozenset({"text"}))


def file_of_a_form() -> tuple[Client, dict[str, str]]:
    """Return a stranger whose browser has worked, and what names their file."""
    key = contact_work.new_key()
    work = next(str(number) for number in range(10_000_000) if contact_work.is_done(key, str(number)))
    return Client(), {"form_key": key, "work": work, "client_id": new_public_id()}


@act("POST contact_files", "tickets.FormUpload")
def announce_a_file() -> Prepared:
    client, named = file_of_a_form()
    return Sending(client, at("contact_files"), {**named, "name": "a.txt", "size": "3"})


@act("POST contact_file_part", "tickets.FormUpload", "tickets.FormUploadPart")
def send_a_piece() -> Prepared:
    client, named = file_of_a_form()
    client.post(at("contact_files"), {**named, "name": "a.txt", "size": "3"})
    return Sending(
        client, at("contact_file_part"), {**named, "start": "0", "content": SimpleUploadedFile("part", b"abc")}
    )


@act("POST contact_file_remove", "tickets.FormUpload")
def take_a_file_back() -> Prepared:
    client, named = file_of_a_form()
    client.post(at("contact_files"), {**named, "name": "a.txt", "size": "3"})
    return Sending(client, at("contact_file_remove"), named)


@act("POST api:official_channel", why="reads")
def ask_about_a_channel() -> Prepared:
    return Sending(Client(), at("api:official_channel"), {"value": "@pharos"}, frozenset({"kind"}), kind="json")


@act("POST security:second_factor", *SESSION_OPENED)
def give_the_code() -> Prepared:
    who = person()
    return Sending(half_way_in(who), at("security:second_factor"), {"code": code_of(who)}, actor=who.actor)


@act("POST security:recovery", "security.RecoveryCode", "sessions.Session", "security.StaffSession", "accounts.Staff")
def give_a_recovery_code() -> Prepared:
    who = person()
    code = recovery_codes.renew(person=who)[0]
    return Sending(half_way_in(who), at("security:recovery"), {"code": code}, actor=who.actor)


@act("POST security:enrol", "security.RecoveryCode", *SESSION_OPENED)
def set_up_an_authenticator() -> Prepared:
    who = person()
    TotpDevice.objects.filter(staff=who).delete()
    client = half_way_in(who)
    return Sending(client, at("security:enrol"), {"code": code_of(who)}, actor=who.actor)


@act("POST security:sign_out", "sessions.Session", "security.StaffSession")
def sign_out() -> Prepared:
    who = person()
    return Sending(browser(who), at("security:sign_out"), actor=who.actor)


@act("POST security:forgot", "core.Notice")
def forget_the_password() -> Prepared:
    return Sending(Client(), at("security:forgot"), {"email": person().email})


@act("POST security:reset", "accounts.Staff", "core.Notice")
def set_a_forgotten_password() -> Prepared:
    who = person()
    password_reset.request(email=who.email, language="en")
    link = Notice.objects.filter(to_address=who.email).latest("pk").body
    token = link.partition(f"/password/{who.public_id}/")[2].partition("/")[0]
    return Sending(Client(), at("security:reset", who.public_id, token), dict(TWICE), actor=who.actor)


@act("POST security:invitation", "accounts.Staff", "security.Invitation", "security.TotpDevice", "sessions.Session")
def accept_an_invitation() -> Prepared:
    invited = invitations.add_person(
        email=f"{new_public_id()}@cast.test", name="New", role="agent", invited_by=person("admin")
    )
    token = invited.link.rstrip("/").rpartition("/")[2]
    return Sending(
        Client(), at("security:invitation", token), {**TWICE, "name": "Nia"}, actor=invited.invitation.staff.actor
    )


@act("POST security:account", "accounts.Staff")
def change_own_settings() -> Prepared:
    who = person()
    own = frozenset({"name", "locale", "theme", "time_zone", "next"})
    return Sending(browser(who), at("security:account"), {"form": "preferences", "theme": "dark"}, own, actor=who.actor)


@act("POST security:account", "accounts.Staff", "security.StaffSession", "sessions.Session", "core.Notice")
def change_own_password() -> Prepared:
    who = person()
    browser(who)
    data = {"form": "password", "current": PASSWORD, **TWICE}
    return Sending(browser(who), at("security:account"), data, actor=who.actor)


@act("POST security:session_revoke", "security.StaffSession")
def end_another_session() -> Prepared:
    who = person()
    browser(who)
    client, other = browser(who), who.sessions.earliest("pk")
    return Sending(client, at("security:session_revoke", other.public_id), actor=who.actor)


@act(
    "POST security:recovery_renew",
    "security.RecoveryCode",
    "security.TotpDevice",
    "security.StaffSession",
    "sessions.Session",
    "core.Notice",
)
def renew_recovery_codes() -> Prepared:
    who = person()
    return Sending(browser(who), at("security:recovery_renew"), {"code": code_of(who)}, actor=who.actor)


@act("POST api:bulk_changes", "tickets.BulkChange")
def change_many_by_program() -> Prepared:
    who, case = person(), ticket()
    data = {"tickets": [case.public_id], "actions": [{"kind": "priority", "value": "urgent", "value_zh": ""}]}
    listed = frozenset({"query", "confirm_sending"})
    return Sending(program(who, "write"), at("api:bulk_changes"), data, listed, "json", who.actor)


@act("POST api:tickets", *OPENED)
def open_a_ticket_by_program() -> Prepared:
    who = person()
    MailboxFactory.create()
    data = {"subject": "Card", "text": "Declined.", "requester": {"address": f"{new_public_id()}@example.com"}}
    listed = frozenset({"channel", "priority", "topic", "language"})
    return Sending(program(who, "write"), at("api:tickets"), data, listed, "json", who.actor)


REPLIED = ("tickets.Ticket", "tickets.Message", "tickets.OutboundMail")


@act("POST api:messages", *REPLIED)
def reply_by_program() -> Prepared:
    who = person()
    listed = frozenset({"kind", "seen_public_seq", "then_status"})
    path = at("api:messages", ticket().public_id)
    return Sending(program(who, "write"), path, {"text": "On its way."}, listed, "json", who.actor)


@act("POST api:messages", "tickets.Ticket", "tickets.Message")
def note_by_program() -> Prepared:
    who = person()
    listed = frozenset({"seen_public_seq", "then_status"})
    path = at("api:messages", ticket().public_id)
    return Sending(program(who, "write"), path, {"kind": "note", "text": "Seen."}, listed, "json", who.actor)


@act("POST api:intake", "tickets.InboundMail")
def hand_in_a_mail() -> Prepared:
    who: Staff = person()
    path = at("api:intake", MailboxFactory.create().slug)
    return Sending(program(who, "intake"), path, letter(), kind="raw", actor=who.actor)
