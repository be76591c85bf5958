"""The demo's bulletins, written by one colleague and let out by another, and its recorded talks."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from accounts.models import Staff
from kb.models import Talk
from kb.services import bulletins
from kb.services.bulletins import Frame, Words

FILE = Path(__file__).with_name("learning.yaml")
LANGUAGES = ("en", "zh-hans")


def write(*, staff: Mapping[str, Staff], now: datetime) -> int:
    """Write them; return how many bulletins there are."""
    content: dict[str, list[dict[str, Any]]] = yaml.safe_load(FILE.read_text())
    for one in content["bulletins"]:
        _bulletin(one, staff, now)
    for place, one in enumerate(content["talks"]):
        for language in LANGUAGES:
            said = {"slug": one["slug"], "minutes": one["minutes"], "position": place, "language": language}
            Talk.objects.create(**said, **one[language], is_shown=True)
    return len(content["bulletins"])


def _bulletin(one: dict[str, Any], staff: Mapping[str, Staff], now: datetime) -> None:
    starts = now - timedelta(days=one["days_ago"])
    frame = Frame(
        severity=one["severity"],
        products=tuple(one["products"]),
        starts_at=starts,
        ends_at=starts + timedelta(days=one["lasts_days"]),
    )
    row = None
    for language in LANGUAGES:
        words = Words(**one[language])
        row = bulletins.write(by=staff["agent"], bulletin=row, frame=frame, language=language, words=words)
    if row is not None:
        bulletins.publish(bulletin=row, by=staff["lead"])
