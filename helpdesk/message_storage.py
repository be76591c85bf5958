"""Where words for the next page wait: in a cookie whose name is ours, in the session when they are too many."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class NamedCookieStorage(CookieStorage):
    """Django's, under a name that binds the cookie to our host in production (ASVS 3.3.3)."""

    cookie_name = settings.MESSAGES_COOKIE_NAME


class Storage(FallbackStorage):
    """The cookie first, as Django has it."""

    storage_classes = (NamedCookieStorage, SessionStorage)
