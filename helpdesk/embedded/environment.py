"""The environment of a running copy: connection URLs and keys, found again by commands in another terminal."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from helpdesk.embedded import keys, places
from helpdesk.embedded.places import Places

ADMIN_ROLE = "postgres"
MIGRATOR_ROLE = "pharos_migrator"
APP_ROLE = "pharos_app"
VERIFIER_ROLE = "pharos_verifier"
AUDITOR_ROLE = "pharos_auditor"
DATABASE = "pharos"
PORTS = {"PORT": 8000, "WS_PORT": 8001, "CONTENT_PORT": 8002, "SMTP_PORT": 2525, "SANDBOX_PORT": 8100}
# What only some processes, or only the launcher itself, may hold.
OWNER_NAMES = ("DATABASE_OWNER_URL", "DATABASE_ADMIN_URL", "DATABASE_AUDITOR_URL")
VERIFIER_NAMES = ("DATABASE_VERIFIER_URL", "PHAROS_VERIFIER_KEYS", "PHAROS_VERIFIER_KEY")
SEAL_NAME = "PHAROS_SEAL_PRIVATE_KEY"


@dataclass(frozen=True)
class Running:
    """Everything the processes of one copy are told, and which stores the launcher has to start."""

    places: Places
    values: dict[str, str]
    starts_postgres: bool
    starts_valkey: bool
    redis_password: str
    admin_password: str

    def process_environment(
        self, *, holds_seal: bool, owns_database: bool = False, starts_others: bool = False
    ) -> dict[str, str]:
        """Return the environment for one process; who starts others holds what the verifier is given.

        What it must not hold is set to nothing, not left out: development settings fill in what is
        left out from VAR_DIR.
        """
        environment = {**os.environ, **self.values}
        if not holds_seal:
            environment[SEAL_NAME] = ""
        if not owns_database:
            environment |= dict.fromkeys(OWNER_NAMES, "")
        if not starts_others:
            # Who makes the roles gives them their passwords.
            kept = {"DATABASE_VERIFIER_URL": self.values["DATABASE_VERIFIER_URL"]} if owns_database else {}
            environment |= dict.fromkeys(VERIFIER_NAMES, "") | kept
        return environment


def resolve(where: Places, given: Mapping[str, str]) -> Running:
    """Work out URLs and keys from what the environment gives and what VAR_DIR keeps; writes VAR_DIR/secrets.

    `DATABASE_URL` alone is taken as a role that may create roles: the app and migrator roles get
    generated passwords on the same database. With `DATABASE_OWNER_URL` both are used as they are.
    """
    kept = keys.read_or_generate(where)
    values = {name: given.get(name) or value for name, value in kept.items() if name.isupper()}
    values |= {name: given.get(name) or str(default) for name, default in PORTS.items()}
    values["VAR_DIR"] = str(where.var_dir)
    values["DJANGO_SETTINGS_MODULE"] = given.get("DJANGO_SETTINGS_MODULE") or "helpdesk.settings.dev"
    values["VERIFIER_SOCKET"] = given.get("VERIFIER_SOCKET") or str(where.sockets / "verifier.sock")
    values |= database_urls(where, given, kept)
    values["PHAROS_PUBLIC_KEYS"] = str(where.public_keys_file)
    keys.write_public_keys(
        where.public_keys_file, gateway=values["PHAROS_GATEWAY_KEY"], verifier=values["PHAROS_VERIFIER_KEY"]
    )
    values["REDIS_URL"] = given.get("REDIS_URL") or redis_url(where, kept["redis_password"])
    running = Running(
        places=where,
        values=values,
        starts_postgres=not given.get("DATABASE_URL"),
        starts_valkey=not given.get("REDIS_URL"),
        redis_password=kept["redis_password"],
        admin_password=kept["admin_password"],
    )
    keys.write_private(where.environment_file, values)
    return running


def database_urls(where: Places, given: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    """Return the URL of each role; what is not given is empty when roles are somebody else's affair."""
    url = given.get("DATABASE_URL", "")
    if url and given.get("DATABASE_OWNER_URL"):
        return {
            "DATABASE_URL": url,
            "DATABASE_OWNER_URL": given["DATABASE_OWNER_URL"],
            "DATABASE_ADMIN_URL": given.get("DATABASE_ADMIN_URL", ""),
            "DATABASE_VERIFIER_URL": given.get("DATABASE_VERIFIER_URL", ""),
            "DATABASE_AUDITOR_URL": given.get("DATABASE_AUDITOR_URL", ""),
        }
    admin = url or f"postgresql://{ADMIN_ROLE}:{kept['admin_password']}@{quote(str(where.sockets), safe='')}/{DATABASE}"
    return {
        "DATABASE_URL": with_role(admin, APP_ROLE, kept["app_password"]),
        "DATABASE_OWNER_URL": with_role(admin, MIGRATOR_ROLE, kept["migrator_password"]),
        "DATABASE_ADMIN_URL": admin,
        "DATABASE_VERIFIER_URL": with_role(admin, VERIFIER_ROLE, kept["verifier_password"]),
        "DATABASE_AUDITOR_URL": with_role(admin, AUDITOR_ROLE, kept["auditor_password"]),
    }


def with_role(url: str, role: str, password: str) -> str:
    """Return the same database URL for another role."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role, safe='')}:{quote(password, safe='')}@{host}"))


def with_database(url: str, name: str) -> str:
    """Return the same server's URL for another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{quote(name, safe='')}"))


def redis_url(where: Places, password: str, index: int = 0) -> str:
    """Return the URL of the embedded Valkey's logical database `index`."""
    return f"unix://:{password}@{where.sockets}/valkey.sock?db={index}"


def load(var_dir: Path) -> None:
    """Fill in what the environment leaves out from the copy that runs (or last ran) in `var_dir`.

    On a machine where nothing ever ran, throw-away keys let settings be imported (checks, type
    checking); nothing is written.
    """
    where = places.of(var_dir)
    recorded = keys.read_private(where.environment_file)
    if not recorded:
        fresh = keys.generate()
        recorded = {name: value for name, value in fresh.items() if name.isupper()}
        recorded["DATABASE_URL"] = database_urls(where, {}, fresh)["DATABASE_URL"]
        recorded["REDIS_URL"] = redis_url(where, fresh["redis_password"])
    recorded.pop("DJANGO_SETTINGS_MODULE", None)
    recorded.pop("VAR_DIR", None)
    given = os.environ.get("DATABASE_URL")
    if given and given == recorded.get("DATABASE_ADMIN_URL"):
        # The person's DATABASE_URL names the role that made ours: commands work as ours, as the processes do.
        os.environ["DATABASE_URL"] = recorded["DATABASE_URL"]
    for name, value in recorded.items():
        os.environ.setdefault(name, value)
