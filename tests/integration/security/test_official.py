"""The register of official channels: four answers, reports, and who may change it."""

from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from core.models import AuditEntry
from security import official
from security.models import ChannelReport, OfficialChannel
from security.official import Verdict
from security.services import official_channels
from tests.factories.accounts import StaffFactory

pytestmark = pytest.mark.django_db
OURS = [
    ("email", "support@pharos.test"),
    ("domain", "pharos.test"),
    ("phone", "+44 20 7946 0018"),
    ("telegram", "@pharos_exchange"),
    ("x", "@PharosExchange"),
]
ASKED = {
    "our address": ("support@pharos.test", "", "official"),
    "our signed reply address": ("support+x9@pharos.test", "", "official"),
    "our site": ("https://www.pharos.test/", "", "official"),
    "a page of our site": ("https://help.pharos.test/a/b", "", "official"),
    "our number": ("+44 20 7946 0018", "", "official"),
    "our number as dialled at home": ("020 7946 0018", "", "official"),
    "our name, place not said": ("@Pharos_Exchange", "", "official"),
    "our name at its place": ("t.me/pharos_exchange", "", "official"),
    "our name at another place": ("@pharos_exchange", "discord", "lookalike"),
    "our link, place not chosen rightly": ("https://x.com/pharosexchange", "telegram", "lookalike"),
    "Cyrillic letters": ("support@ph\u0430ros.test", "", "lookalike"),
    "punycode": ("https://xn--phros-5ve.test/login", "", "lookalike"),
    "zero-width": ("support@pha\u200bros.test", "", "lookalike"),
    "our name in front": ("https://pharos.test.evil.example/", "", "lookalike"),
    "our name before the @": ("https://pharos.test@evil.example/", "", "lookalike"),
    "our name in another's address": ("pharos.support@mail.example", "", "lookalike"),
    "another ending": ("pharos.example", "", "lookalike"),
    "an address of ours nobody registered": ("ceo@pharos.test", "", "lookalike"),
    "one letter off": ("pharoz.test", "", "lookalike"),
    "another's site": ("https://binance.example/", "", "not_ours"),
    "another's number": ("+1 212 555 0100", "", "not_ours"),
    "a known impostor": ("@pharos_helpdesk", "telegram", "reported"),
    "a known impostor, by its link": ("https://t.me/Pharos_Helpdesk", "", "reported"),
    "ours no longer": ("old@lighthouse.test", "", "not_ours"),
}


@pytest.fixture(autouse=True)
def _register() -> None:
    for kind, value in OURS:
        official_channels.add(kind=kind, value=value, by=None)
    official_channels.add(kind="telegram", value="@pharos_helpdesk", by=None, state="reported")
    official_channels.add(kind="email", value="old@lighthouse.test", by=None, state="retired")


@pytest.mark.parametrize(("text", "kind", "verdict"), ASKED.values(), ids=list(ASKED))
def test_look_up__one_of_four_answers(text: str, kind: str, verdict: str) -> None:
    answer = official.look_up(text, kind=kind)
    assert answer is not None
    assert answer.verdict == verdict


def test_look_up__looks_like_ours__names_which() -> None:
    answer = official.look_up("support@ph\u0430ros.test")
    assert answer is not None
    assert answer.ours == "support@pharos.test"


def test_add__twice_or_of_another_kind__is_refused() -> None:
    with pytest.raises(ValidationError):
        official_channels.add(kind="email", value="Support@Pharos.TEST", by=None)
    with pytest.raises(ValidationError):
        official_channels.add(kind="email", value="pharos.test", by=None)
    with pytest.raises(ValidationError):
        official_channels.add(kind="phone", value="020 7946 0018", by=None)


def test_report__until_confirmed__tells_nobody_and_then_everybody() -> None:
    row = official_channels.report(value="t.me/your_helper", told="My seed is wanted: 4111 1111 1111 1111")
    assert row is not None
    assert "4111 1111" not in row.told
    assert official_channels.report(value="@Your_Helper", told="", kind="telegram") is None, "one is enough"
    answer = official.look_up("t.me/your_helper")
    assert answer is not None
    assert answer.verdict == Verdict.NOT_OURS

    lead = StaffFactory.create(role="admin")
    assert official_channels.settle(found=row, by=lead, is_true=True)
    assert not official_channels.settle(found=row, by=lead, is_true=False)
    answer = official.look_up("t.me/your_helper")
    assert answer is not None
    assert answer.verdict == Verdict.REPORTED
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert actions >= {"channel_report.made", "channel_report.confirmed", "official_channel.added"}


def test_change__retired__is_ours_no_longer() -> None:
    row = OfficialChannel.objects.get(kind="phone")
    official_channels.change(channel=row, by=StaffFactory.create(role="admin"), state="retired", note="Closed.")
    answer = official.look_up("+442079460018")
    assert answer is not None
    assert answer.verdict == Verdict.NOT_OURS
    assert AuditEntry.objects.filter(action="official_channel.changed", object_id=row.public_id).exists()


def test_page__asked__answers_without_a_trace_in_the_address(client: Client) -> None:
    answer = client.post(reverse("verify"), {"what": "channel", "value": "support@ph\u0430ros.test", "kind": ""})
    assert answer.status_code == 200
    said = answer.content.decode()
    assert "looks like one of our channels but is not" in said
    assert "support@pharos.test" in said
    assert " safe" not in said.lower()
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("what", ["channel", "message", "report", "nonsense", ""])
def test_page__nothing_given__asks_again(client: Client, what: str) -> None:
    assert client.post(reverse("verify"), {"what": what}).status_code == 422


def test_page__question_in_the_address__is_no_question(client: Client) -> None:
    said = client.get(reverse("verify"), {"what": "channel", "value": "support@pharos.test"}).content.decode()
    assert "support@pharos.test" not in said


def test_page__reported__keeps_one_row(client: Client) -> None:
    for _time in range(2):
        said = client.post(reverse("verify"), {"what": "report", "value": "@your_helper", "told": "Wants my code"})
        assert said.status_code == 200
    assert ChannelReport.objects.count() == 1


def test_page__more_than_allowed__is_refused_for_a_minute(client: Client) -> None:
    report = partial(client.post, reverse("verify"))
    codes = [report({"what": "report", "value": f"@helper{n}"}).status_code for n in range(7)]
    assert codes == [200] * 3 + [429] * 4
    assert ChannelReport.objects.count() == codes.count(200)


def test_api__asked__answers_programs(client: Client) -> None:
    path = reverse("api:official_channel")
    answer = client.post(path, {"value": "@pharos_helpdesk", "kind": "telegram"}, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["verdict"] == "reported"
    assert client.post(path, {"value": ""}, content_type="application/json").status_code == 400
    assert client.get(path, {"value": "@pharos"}).status_code == 405
