"""Fields that nobody asked for: every field of every model, with values that are found again wherever they land."""

import json
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Brand, Customer, Staff, Team
from tests.contracts.permissions.rows import Diff, tables
from tickets.models import Mailbox, Ticket, Topic

NUMBER = 987_654_321
WORD = f"mallory-{NUMBER}"
MOMENT = "2001-01-01T00:00:00Z"
MARKS = (str(NUMBER), MOMENT[:10])
UNKNOWN = {"is_superuser": True, "is_staff": True, "is_admin": True, "groups": [1], "__class__": WORD, "_state": WORD}
# What differs from one run to the next by itself.
VOLATILE = (models.DateTimeField, models.UUIDField, models.AutoField)


def fields(*, as_json: bool) -> dict[str, Any]:
    """Return a value for each name; as a form sends it unless `as_json`."""
    found: dict[str, Any] = {}
    for model in tables():
        for field in model._meta.concrete_fields:
            for name in (field.name, field.attname):
                found[name] = value_of(field)
    found |= UNKNOWN | {"role": "admin", "email": "mallory@evil.test"}
    return found if as_json else {name: _as_form(value) for name, value in found.items()}


def value_of(field: "models.Field[Any, Any]") -> Any:
    """Return a valid value of this field other than its default, marked where it can be."""
    if isinstance(field, models.BooleanField):
        return field.default is not True
    if field.choices:
        values = [value for value, _label in field.flatchoices if value not in {field.default, ""}]
        return values[-1]
    if isinstance(field, models.DateTimeField):
        return MOMENT
    if isinstance(field, ArrayField | models.JSONField):
        return [WORD]
    if isinstance(field, models.IntegerField | models.ForeignKey | models.AutoField):
        return NUMBER
    return WORD


def _as_form(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def decoys() -> None:
    """Make rows that a foreign key in the stuffing points at, so that nothing but our own doors refuses it."""
    if Staff.objects.filter(pk=NUMBER).exists():
        return
    Staff.objects.create(pk=NUMBER, email="decoy@cast.test", name="Decoy", role="agent", password="!")
    team = Team.objects.create(pk=NUMBER, name="Decoy", slug="decoy")
    customer = Customer.objects.create(pk=NUMBER, name="Decoy")
    Brand.objects.create(pk=NUMBER, name="Decoy")
    box = Mailbox.objects.create(pk=NUMBER, slug="decoy", name="Decoy", address="decoy@cast.test", is_active=False)
    Topic.objects.create(pk=NUMBER, name="Decoy", slug="decoy")
    Ticket.objects.create(pk=NUMBER, subject="Decoy", channel="email", requester=customer, team=team, mailbox=box)


# Evidence of an attempt holds what was attempted, cut short.
EVIDENCE = "axes.AccessAttempt"


def traces(diff: Diff) -> list[str]:
    """Return the columns in which something of the stuffing has landed."""
    return sorted(
        f"{change.label}.{name}"
        for change in diff.changes
        for name in change.columns
        if change.label != EVIDENCE and any(mark in json.dumps(change.row[name]) for mark in MARKS)
    )


def outline(diff: Diff) -> set[tuple[str, str, str, str]]:
    """Return what changed in words that two runs share: verbs, columns, and values of flags and choices."""
    by_label = {model._meta.label: model for model in tables()}
    found = set()
    for change in diff.changes:
        for field in by_label[change.label]._meta.concrete_fields:
            if field.column not in change.columns or isinstance(field, VOLATILE):
                continue
            value = change.row[field.column]
            is_told = isinstance(field, models.BooleanField) or bool(field.choices)
            found.add((change.verb, change.label, field.column, str(value) if is_told else str(value is None)))
    return found
