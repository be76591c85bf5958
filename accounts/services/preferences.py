"""What people set for themselves: name, language, theme, time zone."""

from django.db import transaction

from accounts.models import Staff
from core import audit

OWN = frozenset({"name", "locale", "theme", "time_zone"})


def update(*, person: Staff, **values: str) -> list[str]:
    """Change the given ones of a person's own settings and return the names of those that differ.

    Raises ValueError for anything a person may not set for themselves.
    """
    if strange := values.keys() - OWN:
        message = f"{sorted(strange)} is not one's own to set."
        raise ValueError(message)
    changed = sorted(name for name, value in values.items() if getattr(person, name) != value)
    if not changed:
        return []
    with transaction.atomic():
        for name in changed:
            setattr(person, name, values[name])
        person.save(update_fields=changed)
        audit.record("staff.preferences_changed", actor=person.actor, obj=("staff", person.public_id), fields=changed)
    return changed
