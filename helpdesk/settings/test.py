"""Tests: development settings with real stores whose addresses the test session puts into the environment."""

from helpdesk.settings.dev import *  # noqa: F403 -- Django settings are layered by star import

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 1}
