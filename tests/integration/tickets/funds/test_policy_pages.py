"""The pages of the policy, with the real verifier: what holds, proposing, the second person, and what is refused."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts.models import Staff, Team
from security.models import FundPolicy, FundPolicyChange
from tests.cast import signed_in
from tests.integration.security.verifier.test_fund_actions import Scene, _staff_key

HOME, NEW = "/desk/policy/", "/desk/policy/new/"
ROW = {
    "kind": "refund", "asset": "btc", "above": "0.5", "risk": "normal", "methods": "totp,webauthn", "approval": "no",
    "hours": "6",
}  # fmt: skip
WRONG: list[tuple[dict[str, str], str]] = [
    ({"asset": "B T"}, "capital letters and digits"),
    ({"above": "1e3"}, "at most one point"),
    ({"hours": "721"}, "from 0 to 720"),
    ({"hours": "\uff11"}, "from 0 to 720"),
    ({"kind": "unfreeze", "asset": ""}, "have no amount"),
    ({"kind": "unfreeze", "above": "0"}, "name no asset"),
]


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def draft(client: Client, **changed: str) -> str:
    answer: Any = client.post(NEW, ROW | changed)
    assert answer.status_code == 302, answer.content.decode()
    return urlsplit(str(answer["Location"])).query.partition("draft=")[2]


def propose(scene: Scene, client: Client, key: str, **changed: str) -> Any:
    kept = draft(client, **changed)
    begun = client.post(f"{NEW}begin/", {"draft": kept})
    assert begun.status_code == 200, begun.content
    response = scene.keys[key].get(begun.json()["options"])
    return client.post(f"{NEW}propose/", {"draft": kept, "response": response})


def test_policy__proposed_and_confirmed_on_the_pages__is_on_its_way(scene: Scene, admin: Staff) -> None:
    Team.objects.get(slug="front-line").members.add(admin)
    scene.keys["admin"] = _staff_key(admin)
    first, second = signed_in(Client(), admin), signed_in(Client(), scene.lead)
    assert "No change is pending." in page(first, HOME)
    assert propose(scene, first, "admin")["Location"] == HOME
    change = FundPolicyChange.objects.get()
    assert (change.asset, str(change.above.normalize()), change.cooling_off_s) == ("BTC", "0.5", 21600)
    mine, theirs = page(first, HOME), page(second, HOME)
    assert "from 0.5" in mine
    assert "with my passkey" not in mine
    assert "Confirm, with my passkey" in theirs

    here = f"{HOME}{change.public_id}/"
    assert "of another team" in first.post(f"{here}begin/").json()["detail"]
    response = scene.keys["lead"].get(second.post(f"{here}begin/").json()["options"])
    assert second.post(f"{here}confirm/", {"response": response})["Location"] == HOME

    assert FundPolicy.objects.filter(change=change).exists()
    shown = page(second, HOME)
    assert "Holds from" in shown
    assert "Confirm, with my passkey" not in shown
    assert second.post(f"{here}confirm/", {"response": response})["Location"] == HOME


def test_policy__confirmed_without_a_step_up__is_refused_with_everything_there(scene: Scene) -> None:
    client = signed_in(Client(), scene.lead)
    kept = draft(client)
    answer: Any = client.post(f"{NEW}propose/", {"draft": kept, "response": "{}"})
    assert "took too long" in page(client, answer["Location"])
    assert not FundPolicyChange.objects.exists()
    assert propose(scene, client, "lead")["Location"] == HOME
    here = f"{HOME}{FundPolicyChange.objects.get().public_id}/"
    assert client.post(f"{here}confirm/", {"response": "{}"}).status_code == 422
    assert not FundPolicy.objects.filter(change__isnull=False).exists()


def test_policy__below_the_floor__is_said_in_words_where_it_was_asked(scene: Scene) -> None:
    client = signed_in(Client(), scene.lead)
    answer = propose(scene, client, "lead", kind="email_change", asset="", above="0")
    assert "at least 24 hours" in page(client, answer["Location"])


@pytest.mark.parametrize(("changed", "words"), WRONG)
def test_form__what_is_wrong_in_itself__is_named_at_its_field(lead: Staff, changed: dict[str, str], words: str) -> None:
    answer = signed_in(Client(), lead).post(NEW, ROW | changed)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_auditor__sees_the_policy_and_changes_nothing(auditor: Staff) -> None:
    client = signed_in(Client(), auditor)
    shown = page(client, HOME)
    assert "In force" in shown
    assert "Propose a change" not in shown
    assert client.get(NEW).status_code == 403
    assert client.get(f"{HOME}?kind=refund").status_code == 400
