"""A case of the contract: its name, what it does, and what is expected of answers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sandbox import problems
from sandbox.conformance.authenticator import Passkey
from sandbox.conformance.gateway import Action, Gateway
from sandbox.conformance.target import Target
from sandbox.transport import Response


class Failed(Exception):
    """The implementation did something else than the contract says."""


class NotTried(Exception):
    """A case that needs something the caller did not give."""


class Scene:
    """The implementation under test, with one enrolled passkey on each account."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.gateway = Gateway(target)
        self.passkey = self.enrol(target.account, target.customer)
        self.other_passkey = self.enrol(target.other_account, target.other_customer)

    def enrol(self, account: str, customer: str, *, counts: bool = False) -> Passkey:
        """Enrol a passkey as the contract says."""
        passkey = Passkey(self.target.rp_id, self.target.origin, counts=counts)
        begun = self.begin(account, customer)
        answer = self.finish(account, begun["registration_id"], passkey.create(begun["options"]))
        expect(answer, 201)
        passkey.user_handle = begun["options"]["user"]["id"]
        passkey.factor_id = str(answer.json()["factor_id"])
        return passkey

    def begin(self, account: str, customer: str) -> dict[str, Any]:
        """Ask for creation options."""
        answer = self.gateway.send("POST", f"/accounts/{account}/factors/options", {"pharos_customer": customer})
        return expect(answer, 200)

    def finish(self, account: str, registration_id: str, response: dict[str, Any], origin: str = "") -> Response:
        """Send a registration response."""
        body = {"registration_id": registration_id, "response": response, "origin": origin or self.target.origin}
        return self.gateway.send("POST", f"/accounts/{account}/factors", body)

    def action(self, **fields: str) -> Action:
        """Return a new action, proven by the passkey."""
        return proven(self.gateway.action(**fields), self.passkey)


def proven(action: Action, passkey: Passkey) -> Action:
    """Return the action with this passkey's proof."""
    return replace(action, passkey=passkey)


Run = Callable[[Scene], None]


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    group: str
    name: str
    run: Run


CASES: list[Case] = []


def case(group: str, name: str) -> Callable[[Run], Run]:
    """Put a function into the table."""

    def keep(run: Run) -> Run:
        CASES.append(Case(group, name, run))
        return run

    return keep


def expect(answer: Response, status: int, **members: object) -> dict[str, Any]:
    """Return the answer's JSON; raises Failed unless status and these members are as given."""
    body = answer.json()
    if answer.status != status:
        raise Failed(
            f"{status} expected, {answer.status} came ({body.get('code') or body.get('outcome') or 'no code'})"
        )
    for name, value in members.items():
        if body.get(name) != value:
            raise Failed(f"{name} {value!r} expected, {body.get(name)!r} came")
    return body


def expect_problem(answer: Response, status: int, *codes: str) -> dict[str, Any]:
    """Return a problem document; raises Failed unless it is one, with this status and one of the codes."""
    body = expect(answer, status)
    if not answer.headers.get("content-type", "").startswith(problems.MEDIA_TYPE):
        raise Failed(f"{problems.MEDIA_TYPE} expected, {answer.headers.get('content-type')} came")
    if missing := {"type", "title", "status", "detail", "code"} - body.keys():
        raise Failed(f"the problem document lacks {', '.join(sorted(missing))}")
    if codes and body["code"] not in codes:
        raise Failed(f"code {' or '.join(codes)} expected, {body['code']} came")
    return body


def expect_executed(scene: Scene, action: Action) -> dict[str, Any]:
    """Execute the action; raises Failed unless it is."""
    body = expect(scene.gateway.execute(action), 200, outcome="executed")
    ensure(bool(body.get("reference")) and bool(body.get("at")), "reference and at are needed")
    return body


def expect_refused(scene: Scene, action: Action, *codes: str) -> None:
    """Send the action; raises Failed unless it is refused for that reason, for good, and found again."""
    sent = scene.gateway.body(action)
    path = f"/actions/{action.id}"
    body = expect_problem(scene.gateway.send("POST", path, sent), 422, *codes)
    ensure(body.get("outcome") == "refused", "outcome refused is needed")
    again = scene.gateway.send("POST", path, sent)
    expect_problem(again, 422, body["code"])
    ensure(again.headers.get("idempotent-replay") == "true", "the answer sent again lacks Idempotent-Replay")
    expect(scene.gateway.send("GET", path), 200, outcome="refused", code=body["code"])


def ensure(holds: bool, otherwise: str) -> None:  # noqa: FBT001 -- reads as an assertion
    """Raise Failed with these words unless it holds."""
    if not holds:
        raise Failed(otherwise)
