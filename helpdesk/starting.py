"""What a process makes sure of before it starts: settings, keys and the fund rule; one sentence if not."""

from typing import Any

import django
import psycopg
import structlog
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from psycopg import sql

from core import crypto, sealing, web_push
from security import fund_rule
from security.exchange import keys as exchange_keys

log = structlog.get_logger(__name__)
# What Django adds to a connection of its own.
NOT_PLAIN = frozenset({"cursor_factory", "context", "pool"})
SHORTEST_MAIL_KEY = 32


def settings_or_exit() -> None:
    """Read the settings; ends the process with one sentence that names the variable, never with a trace."""
    try:
        _ = settings.SECRET_KEY
    except ImproperlyConfigured as problem:
        raise SystemExit(_sentence(problem)) from None


def keys_or_exit(*, opens_mail: bool = False) -> None:
    """Check that every key is one, and for a process that opens raw mail that the seal's halves belong together."""
    try:
        check_keys(opens_mail=opens_mail)
        check_stored()
    except ImproperlyConfigured as problem:
        raise SystemExit(_sentence(problem)) from None


def check_keys(*, opens_mail: bool) -> None:
    """Do the same and raise ImproperlyConfigured."""
    crypto.check()
    if any(len(key) < SHORTEST_MAIL_KEY for key in settings.MAIL_KEYS):
        message = (
            f"Each of PHAROS_MAIL_KEYS must have at least {SHORTEST_MAIL_KEY} characters: `manage.py make_secrets` "
            "prints fresh ones. Put a new one in front and keep the old one behind it."
        )
        raise ImproperlyConfigured(message)
    sealing.check(opens=opens_mail)
    exchange_keys.check()
    web_push.check()


def check_stored() -> None:
    """Raise ImproperlyConfigured when the newest stored secrets do not open with our keys.

    Nothing is said while the database is away or not migrated: that is found out, and waited for, elsewhere.
    """
    if not apps.ready:
        django.setup()
    try:
        with _plain() as plain:
            for table, column, key in _encrypted_columns():
                newest = sql.SQL(
                    "SELECT {column} FROM {table} WHERE {column} <> '' ORDER BY {key} DESC LIMIT 1"
                ).format(column=sql.Identifier(column), table=sql.Identifier(table), key=sql.Identifier(key))
                for (token,) in plain.execute(newest).fetchall():
                    crypto.decrypt(token)
    except psycopg.Error as error:
        log.info("stored_secrets_not_tried", reason=type(error).__name__)


def fund_rule_or_exit() -> None:
    """Prove the rule of fund-related actions with our own role; ends the process where it does not hold.

    Nothing is said while the database is away: the rounds compare it every minute, and each send asks again.
    """
    try:
        with _plain() as plain:
            proof = fund_rule.prove(plain)
    except psycopg.Error as error:
        log.info("fund_rule_not_tried", reason=type(error).__name__)
        return
    if not proof.holds:
        advice = "`manage.py prove_fund_rule` names everything; compare the migrations."
        sentence = f"The rule of fund-related actions does not hold here ({proof.sentence}). {advice}"
        raise SystemExit(_sentence(ImproperlyConfigured(sentence)))


def _plain() -> "psycopg.Connection[Any]":
    """Neither Django's connection, which children would share, nor one that asks for a thread without a loop."""
    parameters = {name: value for name, value in connection.get_connection_params().items() if name not in NOT_PLAIN}
    return psycopg.connect(**parameters)


def _encrypted_columns() -> list[tuple[str, str, str]]:
    """Return table, column and key of each."""
    return [
        (model._meta.db_table, str(field.column), str(model._meta.pk.column))
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, crypto.EncryptedTextField)
    ]


def _sentence(problem: ImproperlyConfigured) -> str:
    return f"Pharos does not start: {problem}"
