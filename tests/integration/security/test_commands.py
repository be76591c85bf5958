"""Commands of people and tokens."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Staff
from core.models import Notice
from helpdesk import fresh_secrets
from security.models import ApiToken
from security.services import api_tokens


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().strip()


def test_api_token__scopes_given__prints_a_token_that_works(agent: Staff) -> None:
    token = api_tokens.use(secret=run("api_token", "Agent@cast.test", "--scope", "read", "write", "--scope", "intake"))
    assert token is not None
    assert (token.staff, token.scopes) == (agent, ["intake", "read", "write"])


def test_api_token__no_scope__may_only_read(agent: Staff) -> None:
    run("api_token", agent.email)
    assert ApiToken.objects.get().scopes == ["read"]


@pytest.mark.parametrize("words", [["nobody@cast.test"], ["agent@cast.test", "--days", "0"]])
def test_api_token__unknown_person_or_no_life__is_refused(agent: Staff, words: list[str]) -> None:
    with pytest.raises(CommandError):
        run("api_token", *words)


def test_create_admin__first_person__prints_a_link_that_opens(client: Client, db: None) -> None:
    link = run("create_admin", "First@pharos.test", "First Person")
    assert Staff.objects.get(email="first@pharos.test").role == "admin"
    assert client.get(link.removeprefix(settings.SITE_URL)).status_code == 200
    assert not Notice.objects.exists(), "the link is printed, there may be no mail server yet"


def test_create_admin__who_never_came_in__gets_a_fresh_link(client: Client, db: None) -> None:
    first, second = (run("create_admin", "first@pharos.test", "First Person") for _ in range(2))
    statuses = [client.get(link.removeprefix(settings.SITE_URL)).status_code for link in (first, second)]
    assert statuses == [410, 200]


@pytest.mark.parametrize("email", ["agent@cast.test", "not an address"])
def test_create_admin__somebody_with_an_account_or_no_address__is_refused(agent: Staff, email: str) -> None:
    with pytest.raises(CommandError):
        run("create_admin", email, "X")


def test_make_secrets__twice__prints_other_values_for_every_secret() -> None:
    first, second = fresh_secrets.lines(), fresh_secrets.lines()
    assert [line.split("=")[0] for line in first] == [
        "SECRET_KEY", "PHAROS_FIELD_KEYS", "PHAROS_MAIL_KEYS", "PHAROS_SEAL_PUBLIC_KEY", "PHAROS_SEAL_PRIVATE_KEY",
        "PHAROS_GATEWAY_KEY", "PHAROS_VERIFIER_KEYS", "PHAROS_VERIFIER_KEY", "PHAROS_PUSH_KEY", "PHAROS_METRICS_TOKEN",
    ]  # fmt: skip
    assert not set(first) & set(second)
