"""The description of the contract is valid, complete, and what the sandbox answers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openapi_spec_validator
import pytest
import yaml
from jsonschema_path import SchemaPath
from openapi_schema_validator import OAS31Validator

import sandbox
from sandbox.conformance.case import Scene
from sandbox.transport import Response
from sandbox.urls import urlpatterns
from tests.support.exchange import RunningExchange

DESCRIPTION: dict[str, Any] = yaml.safe_load(
    (Path(sandbox.__file__).parent / "openapi.yaml").read_text(encoding="utf-8")
)
# Pages of the sandbox's own site, which the contract leaves to each exchange.
SITE = {"", "sign-in", "sign-out", "exchange.css", "healthz"}


@pytest.fixture(scope="module")
def scene(running_exchange: RunningExchange) -> Scene:
    running_exchange.accounts = running_exchange.open_accounts()
    return Scene(running_exchange.target())


def resolved(node: Any) -> Any:
    """Return the node with every reference replaced by what it refers to."""
    if isinstance(node, list):
        return [resolved(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        found: Any = DESCRIPTION
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return resolved(found)
    return {name: resolved(value) for name, value in node.items()}


def complaints(path: str, method: str, answer: Response) -> Iterator[str]:
    """Yield what of an answer is not as described."""
    described = resolved(DESCRIPTION["paths"][path][method]["responses"]).get(str(answer.status))
    if described is None:
        yield f"{answer.status} is not described"
        return
    kind = answer.headers.get("content-type", "")
    content = described.get("content", {})
    if kind not in content:
        yield f"{kind} is not described"
        return
    yield from (error.message for error in OAS31Validator(content[kind]["schema"]).iter_errors(answer.json()))


def test_description__is_valid_openapi() -> None:
    openapi_spec_validator.validate(DESCRIPTION)

    assert DESCRIPTION["openapi"].startswith("3.1")
    assert SchemaPath.from_dict(DESCRIPTION)


def test_description__names_every_address_of_the_contract() -> None:
    built = {str(one.pattern).replace("<str:", "{").replace(">", "}") for one in urlpatterns}

    assert {f"/{path}" for path in built - SITE} == set(DESCRIPTION["paths"])


def test_answers__of_the_sandbox__are_as_described(scene: Scene) -> None:
    target, gateway = scene.target, scene.gateway
    done, bad, huge = scene.action(), scene.action(kind="gift"), replace(scene.action(), digest="0" * 64)
    account, actions = "/accounts/{account_id}", "/actions/{action_id}"
    own, other = f"/accounts/{target.account}", f"/accounts/{target.other_account}"
    order = {"reason": "described", "source": "test"}
    answers = [
        ("/.well-known/jwks.json", "get", gateway.send("GET", "/.well-known/jwks.json", bearer="")),
        (account, "get", gateway.send("GET", own)),
        (account, "get", gateway.send("GET", own, bearer="")),
        (account, "get", gateway.send("GET", "/accounts/acc_nobody")),
        (f"{account}/transactions", "get", gateway.send("GET", f"{own}/transactions")),
        (f"{account}/transactions", "get", gateway.send("GET", f"{own}/transactions?kind=gift")),
        (f"{account}/factors/options", "post", gateway.send("POST", f"{own}/factors/options", {"pharos_customer": "x"})),
        (
            f"{account}/factors/options", "post",
            gateway.send("POST", f"{own}/factors/options", {"pharos_customer": target.customer}),
        ),
        (f"{account}/factors", "post", scene.finish(target.account, "reg_unknown", {})),
        (f"{account}/factors/{{factor_id}}", "delete", gateway.send("DELETE", f"{own}/factors/fac_1?action=act_1")),
        (actions, "post", gateway.execute(done)),
        (actions, "get", gateway.send("GET", f"/actions/{done.id}")),
        (actions, "post", gateway.execute(done)),
        (actions, "post", gateway.execute(bad)),
        (actions, "post", gateway.execute(huge)),
        (actions, "get", gateway.send("GET", f"/actions/{bad.id}")),
        (actions, "get", gateway.send("GET", "/actions/act_unknown")),
        (actions, "post", gateway.send("POST", "/actions/act_1", {})),
        (f"{account}/freeze", "post", gateway.send("POST", f"{other}/freeze", order)),
        (f"{account}/freeze", "post", gateway.send("POST", f"{other}/freeze", {})),
        (account, "get", gateway.send("GET", other)),
        ("/support/token", "post", gateway.send("POST", "/support/token", {"code": "x"})),
    ]  # fmt: skip

    found = {
        f"{method} {path} {answer.status}": told
        for path, method, answer in answers
        if (told := list(complaints(path, method, answer)))
    }

    assert found == {}


def test_bodies__that_pharos_sends__are_as_described(scene: Scene) -> None:
    schema = resolved(DESCRIPTION["components"]["schemas"]["Execution"])
    check = OAS31Validator(schema)

    for action in (scene.action(), replace(scene.gateway.action(), method="totp")):
        assert [error.message for error in check.iter_errors(scene.gateway.body(action))] == []
    assert list(check.iter_errors(scene.gateway.body(scene.action(amount="2.5"))))
