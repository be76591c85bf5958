"""Opaque public identifiers: 100 random bits in lower-case base32, safe in mail addresses that lose their case."""

import base64
import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

LENGTH = 20


def new_public_id() -> str:
    """Return 20 random characters (100 bits)."""
    return base64.b32encode(secrets.token_bytes(LENGTH)).decode("ascii")[:LENGTH].lower()


def public_id_field() -> "models.CharField[str, str]":
    """Return the field every publicly named row carries; never the primary key."""
    return models.CharField(_("public id"), max_length=LENGTH, unique=True, editable=False, default=new_public_id)
