"""The exchange's site: signing in, hand-off, what a freeze ends; key rotation and events."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

from helpdesk.demo.people import customers
from sandbox import people, transport
from sandbox.conformance.case import Scene, expect, expect_problem
from sandbox.conformance.hand_off_cases import Browser
from sandbox.pharos import base64url
from sandbox.transport import Response
from tests.integration.sandbox import visits
from tests.support.exchange import ORIGIN, RunningExchange

REDIRECT = f"{ORIGIN}/portal/hand-off/"
HENRIK = people.PEOPLE[4]


@pytest.fixture(scope="session")
def scene(running_exchange: RunningExchange) -> Scene:
    running_exchange.accounts = running_exchange.open_accounts()
    return Scene(running_exchange.target())


def visit(running: RunningExchange, path: str, cookie: str = "") -> Response:
    headers = {"Cookie": cookie} if cookie else {}
    return transport.send("GET", f"http://localhost:{running.port}{path}", headers=headers)


def hand_off_path(browser: Browser, **more: str) -> str:
    query = {
        "state": browser.state, "nonce": browser.nonce, "code_challenge": browser.challenge, "redirect_uri": REDIRECT,
    } | more  # fmt: skip
    return f"/support/hand-off?{urlencode(query)}"


def code_in(answer: Response) -> str:
    assert answer.headers["location"].startswith(REDIRECT), answer.headers
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def exchanged(scene: Scene, code: str, browser: Browser) -> Response:
    body = {"code": code, "code_verifier": browser.verifier, "redirect_uri": REDIRECT}
    return scene.gateway.send("POST", "/support/token", body)


BROWSER = Browser("state-1", "nonce-1", "v" * 64)


def test_people__of_the_sandbox__are_customers_of_the_demo() -> None:
    known = {(one.name, one.address): one for one in customers(Random(7), datetime.now(UTC))}  # noqa: S311 -- the demo's own seed

    assert all(known[person.name, person.email].proof for person in people.PEOPLE)
    assert all(known[person.name, person.email].time_zone == person.zoneinfo for person in people.PEOPLE)


def test_sign_in__with_both_factors__shows_the_account(running_exchange: RunningExchange) -> None:
    cookie = visits.cookie_of(running_exchange)

    page = visit(running_exchange, "/", cookie)

    assert page.status == 200
    assert visits.FIONA.account_id in page.body.decode()
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"code": "000000"}, {"email": "nobody@example.com"}])
def test_sign_in__with_one_thing_wrong__opens_nothing(running_exchange: RunningExchange, wrong: dict[str, str]) -> None:
    answer = visits.form(running_exchange, **{"email": people.PEOPLE[5].email, **wrong})

    assert answer.status == 200
    assert "sandbox_session" not in answer.headers.get("set-cookie", "")
    assert "is not right" in answer.body.decode()


def test_sign_in__tried_too_often__has_to_wait(running_exchange: RunningExchange) -> None:
    answers = [visits.form(running_exchange, email="often@example.com", password="wrong").status for _ in range(11)]

    assert answers == [200] * 10 + [429]


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_sign_in__goal_that_is_not_ours__goes_to_the_front(running_exchange: RunningExchange, goal: str) -> None:
    answer = visits.form(running_exchange, next=goal)

    assert (answer.status, answer.headers["location"]) == (302, "/")


def test_sign_in__in_chinese__is_in_chinese(running_exchange: RunningExchange) -> None:
    page = transport.send(
        "GET", f"http://localhost:{running_exchange.port}/sign-in", headers={"Accept-Language": "zh-hans"}
    )

    assert "演示客户" in page.body.decode()


def test_hand_off__of_somebody_not_signed_in__leads_there_after_signing_in(
    running_exchange: RunningExchange, scene: Scene
) -> None:
    first = visit(running_exchange, hand_off_path(BROWSER))
    goal = parse_qs(urlsplit(first.headers["location"]).query)["next"][0]
    entered = visits.form(running_exchange, next=goal)
    cookie = entered.headers["set-cookie"].partition(";")[0]

    token = expect(
        exchanged(scene, code_in(visit(running_exchange, entered.headers["location"], cookie)), BROWSER), 200
    )["token"]

    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["name"], claims["email"]) == (
        visits.FIONA.account_id, visits.FIONA.name, visits.FIONA.email,
    )  # fmt: skip
    assert (claims["locale"], claims["zoneinfo"], claims["amr"]) == ("en", "Europe/London", ["pwd", "otp", "mfa"])


def test_hand_off__asked_for_with_a_recent_sign_in__asks_whoever_came_earlier_again(
    running_exchange: RunningExchange,
) -> None:
    cookie = visits.cookie_of(running_exchange)
    digest = hashlib.sha256(cookie.partition("=")[2].encode()).hexdigest()
    with closing(sqlite3.connect(running_exchange.database, timeout=10)) as connection, connection:
        connection.execute("UPDATE session SET auth_time = auth_time - 400 WHERE token_hash = ?", (digest,))

    older = visit(running_exchange, hand_off_path(BROWSER, max_age="300"), cookie)
    any_age = visit(running_exchange, hand_off_path(BROWSER), cookie)

    assert older.headers["location"].startswith("/sign-in?")
    assert code_in(any_age)


def test_hand_off__code_after_its_minute__is_refused(running_exchange: RunningExchange, scene: Scene) -> None:
    code = code_in(visit(running_exchange, hand_off_path(BROWSER), visits.cookie_of(running_exchange)))
    with closing(sqlite3.connect(running_exchange.database, timeout=10)) as connection, connection:
        connection.execute("UPDATE hand_off SET expires_at = '2020'")

    expect_problem(exchanged(scene, code, BROWSER), 400, "invalid_grant")


def test_freeze__ends_sessions_and_codes_and_asks_for_another_password(
    running_exchange: RunningExchange, scene: Scene
) -> None:
    person = {"email": HENRIK.email}
    cookie = visits.cookie_of(running_exchange, **person)
    code = code_in(visit(running_exchange, hand_off_path(BROWSER), cookie))

    order = {"reason": "reported", "source": "customer"}
    expect(scene.gateway.send("POST", f"/accounts/{HENRIK.account_id}/freeze", order), 200)

    assert visit(running_exchange, "/", cookie).headers["location"] == "/sign-in"
    expect_problem(exchanged(scene, code, BROWSER), 400, "invalid_grant")
    same = visits.form(running_exchange, **person, new_password=people.PASSWORD)
    assert (same.status, "sandbox_session" in same.headers.get("set-cookie", "")) == (200, False)
    assert "choose another password" in same.body.decode()
    fresh = visits.cookie_of(running_exchange, **person, new_password="another-lighthouse")
    assert "frozen" in visit(running_exchange, "/", fresh).body.decode()


def test_keys__rotated__the_new_one_signs_and_the_old_one_stays_until_retired(
    running_exchange: RunningExchange, scene: Scene
) -> None:
    def published() -> list[str]:
        found = expect(scene.gateway.send("GET", "/.well-known/jwks.json", bearer=""), 200)
        return [key["kid"] for key in found["keys"]]

    def signing() -> str:
        code = code_in(visit(running_exchange, hand_off_path(BROWSER), visits.cookie_of(running_exchange)))
        return str(jwt.get_unverified_header(expect(exchanged(scene, code, BROWSER), 200)["token"])["kid"])

    before = published()
    made = running_exchange.command("rotate-key")

    assert signing() == made
    assert published() == [made, *before]
    running_exchange.command("retire-keys")
    assert published() == [made]


class Desk(BaseHTTPRequestHandler):
    """Takes events as Pharos would, with the status at hand."""

    statuses: list[int]
    taken: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((self.headers["Authorization"], body))
        self.send_response(self.statuses.pop(0))
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def desk() -> Iterator[HTTPServer]:
    Desk.statuses, Desk.taken = [503, 202, 202], []
    with HTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_events__that_were_not_taken__are_sent_again_under_their_id_and_signature_holds(
    running_exchange: RunningExchange, scene: Scene, desk: HTTPServer
) -> None:
    running_exchange.environment["SANDBOX_EVENTS_URL"] = f"http://127.0.0.1:{desk.server_port}/api/v1/exchange/events/"
    about = ("--account", visits.FIONA.account_id, "--data", '{"amount": "3"}')

    said = running_exchange.command("emit", "transfer.large", *about, check=False)
    running_exchange.command("emit", "device.new", *about)

    assert said.endswith("503")
    first, again, second = [(header, json.loads(body)) for header, body in Desk.taken]
    assert first[1] == again[1]
    assert (first[1]["type"], second[1]["type"]) == ("transfer.large", "device.new")
    found = expect(scene.gateway.send("GET", "/.well-known/jwks.json", bearer=""), 200)
    token = again[0].removeprefix("Bearer ")
    claims = jwt.decode(
        token, jwt.PyJWKSet.from_dict(found)[jwt.get_unverified_header(token)["kid"]], algorithms=["EdDSA"],
        audience="pharos-events", issuer=running_exchange.url,
    )  # fmt: skip
    assert claims["jti"] == again[1]["id"]
    assert claims["bh"] == base64url(hashlib.sha256(Desk.taken[1][1]).digest())
    assert jwt.get_unverified_header(token)["typ"] == "exchange-event+jwt"


def test_events__about_an_account_that_is_not__are_not_made(running_exchange: RunningExchange) -> None:
    running_exchange.command("emit", "device.new", "--account", "acc_nobody", check=False)

    with closing(sqlite3.connect(running_exchange.database)) as connection:
        made = connection.execute("SELECT count(*) FROM event WHERE body LIKE '%acc_nobody%'").fetchone()
    assert made == (0,)
