"""Django's sessions in the database, with their end by the database's clock instead of the web server's."""

from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession

from core.clock import DatabaseNow, from_now

__all__ = ["SessionStore", "UpdateError"]


class SessionStore(DatabaseStore):
    """What a cookie's key opens; web servers whose clocks differ agree on when it ends."""

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """Return the row, to end so many seconds after the moment at which it is written."""
        row: AbstractBaseSession = super().create_model_instance(data)
        row.expire_date = from_now(timedelta(seconds=self.get_expiry_age()))
        return row

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        found = self.model.objects.filter(session_key=self.session_key, expire_date__gt=DatabaseNow()).first()
        if found is None:
            self._session_key = None
        return found

    @classmethod
    def clear_expired(cls) -> None:
        """Remove what has ended."""
        cls.get_model_class().objects.filter(expire_date__lt=DatabaseNow()).delete()
