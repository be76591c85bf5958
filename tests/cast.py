"""The fixed cast: the same few people in every test, so that tests of rights read like stories.

`agent`, `lead`, `auditor`, `admin`, `light_agent` as their roles say; `vendor` works for the team
`vendor_team` alone; `outsider` is a vendor's agent of another team; `password_only` knows a password and
has an authenticator, but has not shown a code.
"""

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory

from accounts.models import Staff, Team
from security.models import StaffSession
from security.services import sessions, sign_in
from security.services.session_store import SessionStore
from tests.factories.accounts import PASSWORD, StaffFactory, TeamFactory
from tests.factories.security import TotpDeviceFactory

DATABASES = ("system_db", "clone_db")


def signed_in(client: Client, person: Staff) -> Client:
    """Give `client` an open session of `person`, opened by the service that the sign-in page uses."""
    session = open_session(person)
    client.cookies[settings.SESSION_COOKIE_NAME] = session[0]
    return client


def open_session(person: Staff) -> tuple[str, StaffSession]:
    """Return the session key (the cookie's value) of a new session of `person`, and its row."""
    request = RequestFactory().get("/", headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
    request.session = SessionStore()
    request.user = AnonymousUser()
    row = sessions.open_session(request=request, person=person, method=StaffSession.Method.TOTP)
    request.session.save()
    return str(request.session.session_key), row


def half_way(client: Client, person: Staff) -> Client:
    """Give `client` the state between the two steps of signing in as `person`."""
    request = RequestFactory().get("/")
    request.session = SessionStore()
    sign_in.start(request, person=person)
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(request.session.session_key)
    return client


@pytest.fixture
def _any_database(request: pytest.FixtureRequest) -> None:
    """The database this test has chosen; `db` when it has chosen none."""
    request.getfixturevalue(next((name for name in DATABASES if name in request.fixturenames), "db"))


def _person(handle: str, *, name: str, role: str = "") -> Staff:
    person: Staff = StaffFactory.create(email=f"{handle}@cast.test", name=name, role=role or handle)
    TotpDeviceFactory.create(staff=person)
    return person


@pytest.fixture
def agent(_any_database: None) -> Staff:
    return _person("agent", name="Ada Agent")


@pytest.fixture
def lead(_any_database: None) -> Staff:
    return _person("lead", name="Lin Lead")


@pytest.fixture
def auditor(_any_database: None) -> Staff:
    return _person("auditor", name="Ari Auditor")


@pytest.fixture
def admin(_any_database: None) -> Staff:
    return _person("admin", name="Ama Admin")


@pytest.fixture
def light_agent(_any_database: None) -> Staff:
    return _person("light_agent", name="Lou Light")


@pytest.fixture
def vendor_team(_any_database: None) -> Team:
    team: Team = TeamFactory.create(name="Vendor desk", slug="vendor-desk")
    return team


@pytest.fixture
def vendor(vendor_team: Team) -> Staff:
    person = _person("vendor", name="Vic Vendor")
    vendor_team.members.add(person)
    return person


@pytest.fixture
def outsider(_any_database: None) -> Staff:
    person = _person("outsider", role="vendor", name="Oli Outsider")
    other: Team = TeamFactory.create(name="Other desk", slug="other-desk")
    other.members.add(person)
    return person


@pytest.fixture
def password_only(_any_database: None) -> Staff:
    return _person("password_only", role="agent", name="Pat Password")


__all__ = ["PASSWORD", "half_way", "open_session", "signed_in"]
