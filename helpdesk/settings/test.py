"""Tests: development settings with real stores whose addresses the test session puts into the environment."""

from helpdesk.settings.dev import *  # noqa: F403 -- Django settings are layered by star import
from helpdesk.settings.dev import STATIC_ROOT

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 1}
# WhiteNoise warns of a folder that is not there, and warnings are errors here.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
