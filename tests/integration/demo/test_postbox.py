"""The demo's postbox: what was sent, for staff only, in development only, and nothing outside its folder."""

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import Staff
from helpdesk.demo import postbox
from tests.cast import signed_in

NOTICE = "20251231T080000-cccc"
OLDER = "20260101T080000-aaaa"
NEWER = "20260102T080000-bbbb"


def mail(subject: str, *, sender: str = "Pharos Support <support@pharos.test>") -> EmailMessage:
    found = EmailMessage()
    found["From"] = sender
    found["To"] = "Mei <mei@example.test>"
    found["Subject"] = subject
    found.set_content("Plain <b>words</b>")
    found.add_alternative("<p>HTML words</p><script>alert(1)</script>", subtype="html")
    found.add_attachment(b"<script>alert(1)</script>", maintype="text", subtype="html", filename="../../x.html")
    return found


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.POSTBOX_DIR = tmp_path / "postbox"
    settings.POSTBOX_DIR.mkdir()
    for name, subject in ((OLDER, "First answer"), (NEWER, "Second answer")):
        (settings.POSTBOX_DIR / f"{name}.eml").write_bytes(mail(subject).as_bytes())
    notice = settings.POSTBOX_DIR / f"{NOTICE}.eml"
    notice.write_bytes(mail("Your invitation", sender=settings.SYSTEM_MAIL_FROM).as_bytes())
    (settings.POSTBOX_DIR / "notes.eml").write_bytes(b"Subject: not ours\n\n")
    (tmp_path / "20260103T080000-secret.eml").write_bytes(b"Subject: outside\n\n")
    return Path(settings.POSTBOX_DIR)


@pytest.mark.usefixtures("folder")
def test_newest__files_of_the_transport__newest_first() -> None:
    assert [one.subject for one in postbox.newest()] == ["Second answer", "First answer", "Your invitation"]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["../20260103T080000-secret", "notes", "", "20260101T080000-aaaa.eml", "a\x00b"])
def test_read__name_not_of_the_transport__is_nothing(name: str) -> None:
    assert postbox.read(name) is None


@pytest.mark.django_db
@pytest.mark.usefixtures("folder")
def test_postbox__staff__sees_the_list_and_a_mail_as_text(client: Client, agent: Staff) -> None:
    signed_in(client, agent)

    listed = client.get("/demo/postbox/").content.decode()
    shown = client.get(f"/demo/postbox/{OLDER}/").content.decode()

    assert listed.index("Second answer") < listed.index("First answer")
    assert "Plain &lt;b&gt;words&lt;/b&gt;" in shown
    assert "<script>alert(1)" not in shown


@pytest.mark.django_db
@pytest.mark.usefixtures("folder")
def test_postbox_mail__part__is_a_download_that_no_browser_opens(client: Client, agent: Staff) -> None:
    response = signed_in(client, agent).get(f"/demo/postbox/{OLDER}/?part=0")

    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == 'attachment; filename="x.html"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"  # type: ignore[attr-defined]


@pytest.mark.django_db
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("path", ["20260101T080000-zzzz/", f"{OLDER}/?part=7", f"{OLDER}/?part=x", "notes/"])
def test_postbox_mail__unknown__is_not_found(client: Client, agent: Staff, path: str) -> None:
    assert signed_in(client, agent).get(f"/demo/postbox/{path}").status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("path", ["", f"{OLDER}/"])
def test_postbox__nobody_signed_in__is_sent_to_sign_in(client: Client, path: str) -> None:
    response = client.get(f"/demo/postbox/{path}")

    assert response.status_code == 302
    assert "/sign-in/" in response.headers["Location"]


@pytest.mark.django_db
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("path", ["", f"{OLDER}/"])
def test_postbox__outside_development__is_not_there(client: Client, agent: Staff, settings: Any, path: str) -> None:
    signed_in(client, agent)
    settings.DEMO = False

    assert client.get(f"/demo/postbox/{path}").status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("who", ["vendor", "auditor", "light_agent"])
@pytest.mark.parametrize("path", ["", f"{OLDER}/"])
def test_postbox__people_who_answer_nobody_for_us__are_refused(
    request: pytest.FixtureRequest, client: Client, who: str, path: str
) -> None:
    signed_in(client, request.getfixturevalue(who))

    assert client.get(f"/demo/postbox/{path}").status_code == 403
    assert "/demo/postbox/" not in client.get("/desk/views/open/").content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("who", "sees"), [("agent", False), ("lead", False), ("admin", True)])
def test_postbox__system_notice_with_a_link__is_shown_to_administrators_alone(
    request: pytest.FixtureRequest, client: Client, who: str, *, sees: bool
) -> None:
    signed_in(client, request.getfixturevalue(who))

    assert ("Your invitation" in client.get("/demo/postbox/").content.decode()) is sees
    assert (client.get(f"/demo/postbox/{NOTICE}/").status_code == 200) is sees
    assert (client.get(f"/demo/postbox/{NOTICE}/?part=0").status_code == 200) is sees
