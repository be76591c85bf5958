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
    "function core.clock() owner pharos_owner s 31ebb037ed35337329fa522d1b51d159d7ed91eccc95e3694b2338abbcea74b1": (
        "function core.clock() owner pharos_owner s 90ae7c8ea8193a7b36a020554d8905697b50860fc11225b2fca61cfe48161e7d"
    )
}
