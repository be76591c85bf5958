"""A second-factor code of a demo account that sign-in will accept, by the database's clock."""

import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pyotp
from django.conf import settings

from core import clock
from security.models import TotpDevice
from security.services.totp import STEP_S

# A code must live long enough to be typed or piped.
_MARGIN_S = 3


class NoCodeError(Exception):
    """No code would be accepted; the message says why."""


def usable_code(email: str, *, say: Callable[[str], None], pause: Callable[[float], None] = time.sleep) -> str:
    """Return a code for the current step; wait for the next one when it was used or is about to end.

    Raises NoCodeError for unknown people, those without a confirmed factor, and while locked.
    """
    device = (
        TotpDevice.objects.filter(staff__email=email.strip().lower(), confirmed_at__isnull=False)
        .select_related("staff")
        .first()
    )
    if device is None:
        raise NoCodeError(f"{email} has no confirmed second factor.")
    now = clock.now()
    if device.locked_until is not None and device.locked_until > now:
        raise NoCodeError(f"{email} is locked after wrong codes until {device.locked_until:%H:%M:%S} UTC.")
    wait_s = _wait_s(now, device.last_step)
    if wait_s > 0:
        say(f"waiting {wait_s:.0f} s for the next code")
        pause(wait_s)
        now = clock.now()
    return pyotp.TOTP(_secret(device)).generate_otp(_step(now))


def _secret(device: TotpDevice) -> str:
    """Return the secret that this account's app would hold: from its row, or as remembered since it moved to the verifier."""
    place = Path(settings.VAR_DIR) / "demo-authenticators.json"
    known: dict[str, str] = json.loads(place.read_text("utf-8")) if place.exists() else {}
    whose = device.staff.public_id
    if device.secret and known.get(whose) != device.secret:
        known[whose] = device.secret
        place.touch(mode=0o600)
        place.write_text(json.dumps(known), "utf-8")
    if whose not in known:
        raise NoCodeError(
            f"The secret of {device.staff.email} is the verifier's alone: it is in the app of who set it up."
        )
    return known[whose]


def _step(at: datetime) -> int:
    return int(at.timestamp()) // STEP_S


def _wait_s(now: datetime, last_step: int) -> float:
    """Return how long until a step that is newer than `last_step` and not about to end."""
    step = _step(now)
    left_s = (step + 1) * STEP_S - now.timestamp()
    if step <= last_step:
        return (last_step + 1) * STEP_S - now.timestamp() + 0.2
    return left_s + 0.2 if left_s < _MARGIN_S else 0.0
