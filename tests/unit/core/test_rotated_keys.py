"""Keys are rotated by putting the new one in front: what was written under the old one still opens."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from core import crypto, sealing
from helpdesk import starting
from tickets.channels.email import tokens
from tickets.mail_keys import mail_keys

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


def test_field_keys__new_in_front_of_old__open_what_the_old_one_closed(settings: Any) -> None:
    settings.FIELD_KEYS = [OLD]
    closed = crypto.encrypt("a password")
    settings.FIELD_KEYS = [NEW, OLD]
    assert crypto.decrypt(closed) == "a password"
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(ImproperlyConfigured, match="PHAROS_FIELD_KEYS"):
        crypto.decrypt(closed)


def test_mail_keys__new_in_front_of_old__addresses_signed_before_still_lead_home(settings: Any) -> None:
    settings.MAIL_KEYS = [OLD]
    address = tokens.reply_address("support@pharos.test", "a" * 20, mail_keys()[0])
    settings.MAIL_KEYS = [NEW, OLD]
    assert tokens.ticket_from_address(address, mail_keys()) == "a" * 20
    settings.MAIL_KEYS = [NEW]
    assert tokens.ticket_from_address(address, mail_keys()) is None


def test_seal__new_pair_with_the_old_private_key_behind__opens_old_and_new_mail(settings: Any) -> None:
    (old_public, old_private), (new_public, new_private) = sealing.new_key_pair(), sealing.new_key_pair()
    settings.SEAL_PUBLIC_KEY = old_public
    old = sealing.seal(b"old mail")
    settings.SEAL_PUBLIC_KEY, settings.SEAL_PRIVATE_KEY = new_public, f"{new_private}, {old_private}"
    assert sealing.unseal(old) == b"old mail"
    assert sealing.unseal(sealing.seal(b"new mail")) == b"new mail"
    settings.SEAL_PRIVATE_KEY = new_private
    with pytest.raises(ImproperlyConfigured, match="put the former key back"):
        sealing.unseal(old)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_check_keys__first_private_key__must_belong_to_the_public_one(settings: Any, order: tuple[int, int]) -> None:
    pairs = [sealing.new_key_pair(), sealing.new_key_pair()]
    settings.FIELD_KEYS, settings.MAIL_KEYS = [NEW, OLD], [NEW]
    settings.SEAL_PUBLIC_KEY = pairs[0][0]
    settings.SEAL_PRIVATE_KEY = ",".join(pairs[place][1] for place in order)
    if order == (0, 1):
        starting.check_keys(opens_mail=True)
    else:
        with pytest.raises(ImproperlyConfigured, match="does not belong"):
            starting.check_keys(opens_mail=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [("FIELD_KEYS", ["none"]), ("MAIL_KEYS", ["none"]), ("SEAL_PUBLIC_KEY", "none"), ("SEAL_PUBLIC_KEY", "!")],
)
def test_check_keys__what_is_no_key__is_refused_by_name(settings: Any, name: str, value: object) -> None:
    setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=f"PHAROS_{name}"):
        starting.check_keys(opens_mail=False)
