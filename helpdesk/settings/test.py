"""Tests: development settings with real stores whose addresses the test session puts into the environment."""

from helpdesk.settings.dev import *  # noqa: F403 -- Django settings are layered by star import
from helpdesk.settings.dev import STATIC_ROOT

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 1}
# The next test has other bulletins.
KB_BULLETINS_KEPT_S = 0
# WhiteNoise warns of a folder that is not there, and warnings are errors here.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# The clock of test databases is moved (tests/support/moved_clock.py): its body, and nothing else, is another.
FUND_RULE_IN_TESTS = {
    "function core.clock() owner pharos_owner s 78551f305092d2d66be8d8fc127a2b9a": (
        "function core.clock() owner pharos_owner s c7e04ebbc7ddba3a8a8b395b02645c3e"
    )
}
