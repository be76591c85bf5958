"""Where `next` may lead, and what browsers are called."""

import pytest
from django.test import RequestFactory

from security import access, client, digests


@pytest.mark.parametrize("path", ["/desk/", "/desk/view/mine/?q=a%20b", "/account/"])
def test_safe_next__path_of_ours__is_kept(path: str) -> None:
    assert access.safe_next(path, default="") == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "desk/",
        "//evil.test/",
        "///evil.test/",
        "/\\evil.test/",
        "\\\\evil.test",
        "https://evil.test/",
        "https:evil.test",
        "javascript:alert(1)",
        "/\t/evil.test/",
        "/desk/\r\nSet-Cookie: a=b",
        " //evil.test/",
    ],
)
def test_safe_next__anything_else__is_dropped(path: str) -> None:
    assert access.safe_next(path, default="") == ""


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
         "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("curl/8.5.0\x1b[31m<b>", "curl/8.5.0[31m<b>"),
        ("", ""),
    ],
)  # fmt: skip
def test_browser__user_agent__is_named_without_control_characters(agent: str, name: str) -> None:
    assert client.browser(RequestFactory().get("/", headers={"user-agent": agent})) == name


def test_address__unix_socket__is_none() -> None:
    assert client.address(RequestFactory().get("/", REMOTE_ADDR="")) is None


def test_keyed__another_purpose_or_owner__is_another_digest() -> None:
    assert len({digests.keyed(*words) for words in (("a", "b", "c"), ("a", "d", "c"), ("e", "b", "c"))}) == 3
