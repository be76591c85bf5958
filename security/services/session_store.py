"""Django's sessions in the database, with their end by the database's clock instead of the web server's."""

from datetime import timedelta
from functools import cache
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession

from core.clock import DatabaseNow, from_now
from core.compiled import Compiled, compiled, stand_in_text

__all__ = ["SessionStore", "UpdateError"]


COLUMNS = ("session_key", "session_data", "expire_date")


@cache
def _living() -> Compiled | None:
    """Every request reads its session: Django's compiling of the statement took longer than the statement."""
    found = SessionStore.get_model_class().objects.filter(session_key=stand_in_text(0), expire_date__gt=DatabaseNow())
    return compiled(found.values_list(*COLUMNS))


class SessionStore(DatabaseStore):
    """What a cookie's key opens; web servers whose clocks differ agree on when it ends."""

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """Return the row, to end so many seconds after the moment at which it is written."""
        row: AbstractBaseSession = super().create_model_instance(data)
        row.expire_date = from_now(timedelta(seconds=self.get_expiry_age()))
        return row

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        statement = _living()
        rows = statement.run({stand_in_text(0): self.session_key}) if statement else []
        if not rows:
            self._session_key = None
            return None
        row: AbstractBaseSession = self.model.from_db("default", COLUMNS, rows[0])
        return row

    @classmethod
    def clear_expired(cls) -> None:
        """Remove what has ended."""
        cls.get_model_class().objects.filter(expire_date__lt=DatabaseNow()).delete()
