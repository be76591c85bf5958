"""A process whose field keys do not open what is stored does not start; one whose database is away is not kept from it."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from pytest_django import Settings

from helpdesk import starting
from tests.factories.security import TotpDeviceFactory


def test_check_stored__keys_of_those_who_wrote__is_content(clone_db: str) -> None:
    starting.check_stored()
    TotpDeviceFactory.create()
    starting.check_stored()


def test_check_stored__former_key_is_gone__says_what_to_do(clone_db: str, settings: Settings) -> None:
    TotpDeviceFactory.create()
    former, fresh = settings.FIELD_KEYS, Fernet.generate_key().decode()
    settings.FIELD_KEYS = [fresh]
    with pytest.raises(ImproperlyConfigured, match="PHAROS_FIELD_KEYS: put the former key back"):
        starting.check_stored()
    settings.FIELD_KEYS = [fresh, *former]
    starting.check_stored()


def test_check_stored__database_is_away__says_nothing(clone_db: str, settings: Settings) -> None:
    TotpDeviceFactory.create()
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    host = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        starting.check_stored()
    finally:
        connection.settings_dict["HOST"] = host
