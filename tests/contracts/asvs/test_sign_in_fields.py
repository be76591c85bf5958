"""What passwords, codes and tokens are made of: read from forms, templates and settings."""

import math
import re
from typing import Any

import pytest
from django import forms as django_forms
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.test import Client

from accounts.models import Staff
from helpdesk.settings import base
from security import forms
from security.services import recovery_codes
from tests.cast import signed_in
from tests.contracts.asvs.sources import ROOT, product_files

PASSWORD_FIELDS = [
    pytest.param(form.base_fields[name], id=f"{form.__name__}.{name}")
    for form in (forms.SignInForm, forms.NewPasswordForm, forms.ChangePasswordForm)
    for name in form.base_fields
    if name in {"password", "password_again", "current"}
]
# Tokens that grant something to whoever holds them.
GRANTING = re.compile(r"secrets\.token_urlsafe\((\w+)\)")
SERVICES = ("security/services/", "livechat/services/", "tickets/services/")


def fields_of_passwords() -> list[str]:
    """The markup of every field for a password."""
    pages = (path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    return [
        found
        for page in pages
        for found in re.findall(r"\{% include \"security/_field\.html\"[^%]*type=\"password\"[^%]*%\}", page)
    ]


@pytest.mark.parametrize("field", PASSWORD_FIELDS)
def test_password__typed_with_spaces_and_capitals__is_taken_as_it_is(field: Any) -> None:
    typed = " Über  die Brücke 🐟 " + "x" * 60
    assert isinstance(field, django_forms.CharField)
    assert field.clean(typed) == typed


def test_fields__for_passwords__are_named_for_managers_and_hinder_nobody() -> None:
    found = fields_of_passwords()
    assert len(found) >= 6
    assert [one for one in found if not re.search(r'autocomplete="(new|current)-password"', one)] == []
    scripts = (ROOT / "frontend" / "src" / "auth.ts").read_text(encoding="utf-8")
    assert "paste" not in scripts


def test_passwords__age__is_nowhere_kept() -> None:
    names = [field.name for field in Staff._meta.get_fields()]
    assert [name for name in names if "password" in name] == ["password"]


def test_passwords__rest__under_argon2id_alone() -> None:
    assert base.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    encoded = Argon2PasswordHasher().encode("any", "a" * 22)
    assert encoded.startswith("argon2$argon2id$")


def test_sign_out__in_the_frame_of_every_page_that_knows_somebody__is_a_form() -> None:
    frames = ("templates/desk/_user_menu.html", "templates/portal/base.html", "templates/admin/base_site.html")
    pages = {name: (ROOT / name).read_text(encoding="utf-8") for name in frames}
    assert [name for name, page in pages.items() if not re.search(r"<form[^>]*:sign_out'", page)] == []


def test_codes__for_recovery__have_more_than_112_bits() -> None:
    assert recovery_codes.LENGTH * math.log2(len(recovery_codes.ALPHABET)) > 112


def test_session_keys__of_staff__have_more_than_128_bits_and_never_repeat(agent: Staff) -> None:
    clients = [signed_in(Client(), agent) for _ in range(5)]
    keys = {client.cookies[settings.SESSION_COOKIE_NAME].value for client in clients}
    assert len(keys) == 5
    assert {len(key) for key in keys} == {32}
    assert 32 * math.log2(len(VALID_KEY_CHARS)) > 128


def test_tokens__that_grant_something__have_256_bits() -> None:
    files = [path for path in product_files() if path.relative_to(ROOT).as_posix().startswith(SERVICES)]
    texts = [path.read_text(encoding="utf-8") for path in files]
    sizes = [size for text in texts for size in GRANTING.findall(text)]
    assert len(sizes) >= 8
    assert set(sizes) == {"32", "TOKEN_BYTES"}
    assert {size for text in texts for size in re.findall(r"^TOKEN_BYTES = (.+)$", text, re.MULTILINE)} == {"32"}
