"""The demo's customers: fictional people made from scripts/names.txt, each at one address."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from helpdesk.demo.script import SCRIPTS
from helpdesk.demo.world import DemoCustomer

# Reserved for examples (RFC 2606, RFC 6761): nobody can ever receive mail there.
_DOMAINS = (
    "example.com",
    "example.org",
    "example.net",
    "mail.example.com",
    "inbox.test",
    "fastpost.test",
    "letters.test",
    "webmail.test",
)
_PROOFS = ("dmarc", "dmarc", "dkim", "dkim", "spf")
_ACCENTS = str.maketrans("áàâãäåéèêíïóòôõöúüñçğışżćłąęÁÉÍÓÚÖÜÇŞİĞĐđ", "aaaaaaeeeiiooooouuncgiszclaeAEIOUOUCSIGDd")


@dataclass(frozen=True, slots=True)
class _Group:
    language: str
    options: dict[str, str]
    given: tuple[tuple[str, str], ...]
    family: tuple[tuple[str, str], ...]


def customers(random: Random, now: datetime) -> tuple[DemoCustomer, ...]:
    """Return the customers: most proven by mail, some only claimed, some known by phone number or handle."""
    found: list[DemoCustomer] = []
    taken: set[str] = set()
    for group in _groups():
        for name, local in _names(group, random):
            kind = random.choices(("email", "phone", "handle"), weights=(86, 7, 7))[0]
            address = _address(kind, local, group, random, taken)
            proven = kind == "email" and random.random() > 0.12
            found.append(
                DemoCustomer(
                    key=f"customer-{len(found) + 1}",
                    name=name if kind != "phone" or random.random() > 0.3 else "",
                    kind=kind,
                    address=address,
                    proof=random.choice(_PROOFS) if proven else "",
                    language=group.language,
                    time_zone=group.options["zone"],
                    country=group.options["country"].replace("_", " "),
                    since=now - timedelta(days=random.randint(61, 2200), minutes=random.randint(0, 1440)),
                )
            )
    return tuple(found)


def _groups() -> Iterator[_Group]:
    lines = [line.strip() for line in (SCRIPTS / "names.txt").read_text("utf-8").splitlines()]
    content = [line for line in lines if line and not line.startswith("#")]
    for heading, given, family in zip(content[::3], content[1::3], content[2::3], strict=True):
        language, _, rest = heading[1:].partition("]")
        options: dict[str, str] = {}
        last = ""
        for part in rest.split():
            name, equals, value = part.partition("=")
            if equals:
                options[name] = value
                last = name
            else:
                options[last] += f" {part}"
        yield _Group(language, options, _pairs(given), _pairs(family))


def _pairs(line: str) -> tuple[tuple[str, str], ...]:
    """Read `Ann, 伟=wei` after the label as (written, latin)."""
    entries = [entry.strip().partition("=") for entry in line.partition(":")[2].split(",")]
    return tuple((written, latin or _latin(written)) for written, _, latin in entries)


def _latin(written: str) -> str:
    plain = written.translate(_ACCENTS).lower()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def _names(group: _Group, random: Random) -> Iterator[tuple[str, str]]:
    pairs = [(given, family) for given in group.given for family in group.family]
    random.shuffle(pairs)
    for given, family in pairs[: int(group.options["count"])]:
        if group.options.get("order") == "family":
            name = family[0] + (" " if "space" in group.options else "") + given[0]
        else:
            name = f"{given[0]} {family[0]}"
        yield name, _local(given[1], family[1], random)


def _local(given: str, family: str, random: Random) -> str:
    shapes = (
        f"{given}.{family}",
        f"{given}{family}",
        f"{given[0]}.{family}",
        f"{family}.{given}",
        f"{given}_{family}",
        f"{given}{random.randint(61, 99)}",
        f"{given}.{family}{random.randint(2, 9)}",
    )
    return random.choice(shapes)


def _address(kind: str, local: str, group: _Group, random: Random, taken: set[str]) -> str:
    if kind == "phone":
        address = f"+{group.options['dial']} {random.randint(100, 999)} 555 {random.randint(100, 9999):04d}"
    elif kind == "handle":
        address = f"@{local.replace('.', '_')}"
    else:
        address = f"{local}@{random.choice(_DOMAINS)}"
    while address in taken:
        address = (
            address.replace("@", f"{random.randint(1, 9)}@", 1)
            if kind == "email"
            else f"{address}{random.randint(1, 9)}"
        )
    taken.add(address)
    return address
