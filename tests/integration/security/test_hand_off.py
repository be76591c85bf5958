"""The exchange's signed hand-off: whom it lets in, and every way in which it lets nobody in (attack E3)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Customer, CustomerAddress, ExchangeAccount
from core.models import AuditEntry, Notice
from security.exchange import client as back_channel
from security.exchange.client import ExchangeAway
from security.models import CustomerSession, StaffSession, UsedHandOff
from tests.factories.customers import portal_customer
from tests.factories.tickets import customer as mail_customer
from tests.support.small_exchange import SmallExchange

pytestmark = pytest.mark.django_db
HOME = "/portal/"


def begun(client: Client, next_path: str = HOME) -> str:
    """Return where the portal sends the browser."""
    return client.get("/portal/sign-in/exchange/", {"next": next_path}).headers["Location"]


def handed_off(client: Client, exchange: SmallExchange, **who: Any) -> Any:
    """Go the whole way; return the last answer."""
    return client.get("/portal/hand-off/", exchange.hand_off(begun(client), **who))


def now_s() -> int:
    return int(datetime.now(UTC).timestamp())


def refusals() -> list[str]:
    """The newest one: they are committed at once, and those of other tests stay."""
    newest = AuditEntry.objects.filter(action="portal.hand_off_refused").order_by("-pk")[:1]
    return [str(one.detail["reason"]) for one in newest]


def test_hand_off__whole_way__opens_a_session_and_leads_on(client: Client, exchange: SmallExchange) -> None:
    location = begun(client, "/portal/security/")
    assert location.startswith(f"{exchange.url}/support/hand-off?state=")
    assert client.get("/portal/security/").status_code == 302
    answer = client.get("/portal/hand-off/", exchange.hand_off(location))
    assert answer.headers["Location"] == "/portal/security/"
    assert client.get("/portal/security/").status_code == 200
    session = CustomerSession.objects.get()
    assert (session.amr, session.customer.name) == (["pwd", "otp", "mfa"], "Mina Customer")
    assert client.cookies[settings.PORTAL_COOKIE_NAME]["httponly"]
    assert client.cookies[settings.PORTAL_COOKIE_NAME].value not in session.token_digest
    assert exchange.refused == []
    told = Notice.objects.get(kind="customer_security")
    assert (told.to_address, "connected" in told.body) == ("mina@example.com", True)


def test_hand_off__again__finds_the_same_customer_under_a_new_token(client: Client, exchange: SmallExchange) -> None:
    handed_off(client, exchange)
    first = client.cookies[settings.PORTAL_COOKIE_NAME].value
    handed_off(client, exchange, name="Mina New")
    assert client.cookies[settings.PORTAL_COOKIE_NAME].value != first
    assert Customer.objects.get().name == "Mina New"
    assert CustomerSession.objects.living().count() == 1
    assert CustomerSession.objects.get(ended_at__isnull=False).end_reason == "replaced"


@pytest.mark.attack("E3")
def test_hand_off__address_that_another_has_proven__is_a_new_customer_with_a_claim(
    client: Client, exchange: SmallExchange
) -> None:
    known = mail_customer("mina@example.com", proof="dkim")
    handed_off(client, exchange)
    new = ExchangeAccount.objects.get().customer
    assert new.pk != known.pk
    assert CustomerAddress.objects.get(customer=new).proof == "claimed"
    assert AuditEntry.objects.filter(action="address.added", detail__proof="claimed").exists()
    # Nothing is mailed to an address that is only claimed.
    assert not Notice.objects.filter(kind="customer_security").exists()


@pytest.mark.attack("E3")
def test_hand_off__second_account_with_the_same_address__joins_nobody(client: Client, exchange: SmallExchange) -> None:
    handed_off(client, exchange)
    handed_off(Client(), exchange, account_id="acc-2")
    proofs = dict(CustomerAddress.objects.values_list("customer__exchange_account__account_id", "proof"))
    assert proofs == {"acc-1": "exchange", "acc-2": "claimed"}


def test_hand_off__address_not_verified__is_a_claim(client: Client, exchange: SmallExchange) -> None:
    handed_off(client, exchange, email_verified=False)
    assert CustomerAddress.objects.get().proof == "claimed"


# Far enough that it is still so when the test has waited for its turn.
A_DAY_S = 86_400
WRONG = {
    "audience": ({"aud": "pharos-events"}, "aud"),
    "issuer": ({"iss": "https://elsewhere.example"}, "iss"),
    "nonce": ({"nonce": "another"}, "nonce"),
    "no nonce": ({"nonce": None}, "missing"),
    "no jti": ({"jti": None}, "missing"),
    "no amr": ({"amr": None}, "missing"),
    "amr of another form": ({"amr": "mfa"}, "amr"),
    "expired": ({"iat": now_s() - 120, "exp": now_s() - 61}, "expired"),
    "long life": ({"exp": now_s() + A_DAY_S}, "life"),
    "from a time to come": ({"iat": now_s() + A_DAY_S, "exp": now_s() + A_DAY_S + 50}, "future"),
    "signed in tomorrow": ({"auth_time": now_s() + A_DAY_S}, "future"),
    "no subject": ({"sub": ""}, "sub"),
    "times that are none": ({"iat": True}, "time"),
}


@pytest.mark.parametrize(("claims", "why"), WRONG.values(), ids=WRONG)
def test_hand_off__token_with_a_wrong_claim__lets_nobody_in(
    client: Client, exchange: SmallExchange, claims: dict[str, Any], why: str
) -> None:
    exchange.claims = claims
    answer = handed_off(client, exchange)
    assert answer.status_code == 400
    assert "nobody was signed in" in answer.content.decode() or why == "expired"
    assert not CustomerSession.objects.exists()
    assert not Customer.objects.exists()
    assert refusals() == [why]


@pytest.mark.parametrize(
    ("header", "why"), [({"alg": "none"}, "alg"), ({"alg": "HS256"}, "alg"), ({"typ": "JWT"}, "typ")]
)
def test_hand_off__other_algorithm_or_type__lets_nobody_in(
    client: Client, exchange: SmallExchange, header: dict[str, str], why: str
) -> None:
    exchange.header = header
    assert handed_off(client, exchange).status_code == 400
    assert (refusals(), CustomerSession.objects.count()) == ([why], 0)


def test_hand_off__signed_by_a_key_of_another_name__lets_nobody_in(client: Client, exchange: SmallExchange) -> None:
    known = exchange.current
    exchange.rotate(publish=False)
    exchange.header = {"kid": known}
    assert handed_off(client, exchange).status_code == 400
    assert refusals() == ["signature"]


def test_hand_off__unknown_key__is_refused_and_accepted_once_it_is_published(
    client: Client, exchange: SmallExchange
) -> None:
    assert handed_off(client, exchange).status_code == 302
    kid = exchange.rotate(publish=False)
    assert handed_off(Client(), exchange, account_id="acc-2").status_code == 400
    assert refusals() == ["kid"]
    exchange.published.append(kid)
    assert handed_off(Client(), exchange, account_id="acc-2").status_code == 302


def test_hand_off__same_token_again__opens_no_second_session(client: Client, exchange: SmallExchange) -> None:
    location = begun(client)
    back = exchange.hand_off(location)
    exchange.token = exchange.token_for(exchange.codes[back["code"]])
    kept = client.cookies[settings.HAND_OFF_COOKIE_NAME].value
    assert client.get("/portal/hand-off/", back).status_code == 302
    client.cookies[settings.HAND_OFF_COOKIE_NAME] = kept
    again = exchange.hand_off(location)
    assert client.get("/portal/hand-off/", again).status_code == 400
    assert (refusals(), UsedHandOff.objects.count()) == (["used"], 1)


def test_hand_off__same_code_again__opens_no_second_session(client: Client, exchange: SmallExchange) -> None:
    back = exchange.hand_off(begun(client))
    kept = client.cookies[settings.HAND_OFF_COOKIE_NAME].value
    client.get("/portal/hand-off/", back)
    client.cookies[settings.HAND_OFF_COOKIE_NAME] = kept
    assert client.get("/portal/hand-off/", back).status_code == 400
    assert refusals() == ["code"]


@pytest.mark.parametrize("change", ["state", "cookie of another", "no cookie", "forged cookie", "no code"])
def test_hand_off__brought_by_a_browser_that_did_not_begin_it__is_refused(
    client: Client, exchange: SmallExchange, change: str
) -> None:
    back = exchange.hand_off(begun(client))
    if change == "state":
        back["state"] = "x" * 43
    elif change == "no code":
        back["code"] = ""
    elif change == "no cookie":
        client.cookies.clear()
    elif change == "forged cookie":
        client.cookies[settings.HAND_OFF_COOKIE_NAME] = "bm90IG91cnM"
    else:
        begun(client)
    answer = client.get("/portal/hand-off/", back)
    assert answer.status_code == 400
    assert "another browser" in answer.content.decode()
    assert (refusals(), exchange.asked) == (["state"], [])


def test_hand_off__exchange_away__says_so_and_signs_nobody_in(client: Client, exchange: SmallExchange) -> None:
    back = exchange.hand_off(begun(client))
    settings.EXCHANGE_URL = "http://127.0.0.1:1"
    answer = client.get("/portal/hand-off/", back)
    assert (answer.status_code, CustomerSession.objects.count()) == (502, 0)
    assert "does not answer right now" in answer.content.decode()


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_hand_off__next_page_elsewhere__leads_home(client: Client, exchange: SmallExchange, path: str) -> None:
    answer = client.get("/portal/hand-off/", exchange.hand_off(begun(client, path)))
    assert answer.headers["Location"] == HOME


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_hand_off__begun_by_a_foreign_page__waits_for_the_button(
    client: Client, exchange: SmallExchange, site: str
) -> None:
    path = "/portal/sign-in/exchange/?next=/portal/record/"
    led = client.get(path, headers={"sec-fetch-site": site})
    assert led.headers["Location"] == "/portal/sign-in/?next=%2Fportal%2Frecord%2F"
    assert settings.HAND_OFF_COOKIE_NAME not in client.cookies
    pressed = client.get(path, headers={"sec-fetch-site": "same-origin"})
    assert pressed.headers["Location"].startswith(settings.EXCHANGE_SITE_URL)


def test_client__request__is_signed_over_method_path_and_body(exchange: SmallExchange, db: None) -> None:
    assert back_channel.post("/accounts/acc-1/freeze", {"reason": "é"}).is_good
    assert back_channel.get("/accounts/acc-1?x=1").status == 404
    assert exchange.refused == []


def test_client__broken_answers__are_away(exchange: SmallExchange, db: None) -> None:
    exchange.freeze_answers = [500]
    with pytest.raises(ExchangeAway):
        back_channel.post("/accounts/acc-1/freeze", {})


def test_keys__published__are_the_public_half_alone(client: Client, db: None) -> None:
    answer = client.get("/.well-known/pharos-keys.json")
    # The verifier's stands beside it while one answers.
    gateway, *others = answer.json()["keys"]
    assert gateway["kid"].startswith("gateway-")
    assert all(key["kid"].startswith("verifier-") for key in others)
    assert all(set(key) == {"kty", "crv", "use", "alg", "kid", "x"} for key in [gateway, *others])


def test_sessions__staff_and_customer__open_nothing_of_each_other(client: Client, exchange: SmallExchange) -> None:
    handed_off(client, exchange)
    token = client.cookies[settings.PORTAL_COOKIE_NAME].value
    client.cookies[settings.SESSION_COOKIE_NAME] = token
    assert client.get("/desk/").status_code == 302
    assert not StaffSession.objects.exists()
    portal_customer()
