"""A browser's part in signing in at the exchange, over plain HTTP."""

import re
from html import unescape
from urllib.parse import urlencode

from sandbox import people, sign_in, transport
from sandbox.transport import Response
from tests.support.exchange import RunningExchange

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
FIONA = people.PEOPLE[0]


def form(running: RunningExchange, **fields: str) -> Response:
    """Fill the sign-in form in and send it."""
    site = f"http://localhost:{running.port}"
    page = transport.send("GET", f"{site}/sign-in")
    found = TOKEN.search(page.body.decode())
    assert found is not None
    body = {
        "csrfmiddlewaretoken": unescape(found[1]), "email": FIONA.email, "password": people.PASSWORD,
        "code": sign_in.DEMO_CODE,
    } | fields  # fmt: skip
    headers = {
        "Cookie": page.headers["set-cookie"].partition(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": site,
    }
    return transport.send("POST", f"{site}/sign-in", body=urlencode(body).encode(), headers=headers)


def cookie_of(running: RunningExchange, **fields: str) -> str:
    """Sign in and return the session's cookie as `name=value`."""
    answer = form(running, **fields)
    assert answer.status == 302, answer.body.decode()
    return answer.headers["set-cookie"].partition(";")[0]
