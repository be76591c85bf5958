"""Sending over SMTP: TLS that cannot be stripped, an answer for every recipient, a lost answer sent again."""

import re
import smtplib
import ssl
from collections.abc import Callable
from typing import Final

from tickets.channels.email import oauth
from tickets.channels.email.secure import ChannelDown, client_context
from tickets.channels.email.transport import Envelope, Outcome
from tickets.models import Mailbox

TIMEOUT_S: Final = 20
# Servers look through a mail before they answer (RFC 5321 section 4.5.3.2.6); within the lease, which is fresh by then.
ANSWER_TIMEOUT_S: Final = 45
SIGN_IN_CODES: Final = frozenset({530, 534, 535, 538})
_CHUNK: Final = 256 * 1024
_LEADING_DOT: Final = re.compile(rb"^\.", re.MULTILINE)
_ADDRESS: Final = re.compile(r"<?[^\s<>@]{1,64}@[^\s<>@]{1,253}>?")


class Smtp:
    """Sends through one mailbox's server. Permanent refusals (5xx) fail, everything else is tried again."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    def __call__(
        self, envelope: Envelope, raw: bytes, *, still_ours: Callable[[], bool], hand_over: Callable[[], bool]
    ) -> Outcome:
        """Open a connection, send one mail, close it."""
        try:
            client = self._connected()
        except ChannelDown as down:
            return _down(str(down))
        except ssl.SSLError as error:
            return _down(f"TLS or the server's certificate was refused: {error.reason or 'unknown'}.")
        except UnicodeError:
            return _down("The outgoing mail server's name is not a host name.")
        except (OSError, smtplib.SMTPException) as error:
            return _down(f"The mail server cannot be reached ({type(error).__name__}).")
        try:
            return _send(client, envelope, raw, still_ours, hand_over)
        except _Unanswered as lost:
            # It may have arrived; once more, the same Message-ID goes out.
            text = f"The mail server took the mail and gave no answer ({lost})."
            return Outcome("retry", text, is_unanswered=True)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome("retry", f"The connection broke while sending ({type(error).__name__}).")
        finally:
            _close(client)

    def _connected(self) -> smtplib.SMTP:
        """Return a client that has TLS and is signed in. Raises ChannelDown, OSError or SMTPException."""
        box = self.mailbox
        context = client_context(box)
        if box.smtp_security == Mailbox.Security.TLS:
            client: smtplib.SMTP = smtplib.SMTP_SSL(box.smtp_host, box.smtp_port, timeout=TIMEOUT_S, context=context)
        else:
            client = smtplib.SMTP(box.smtp_host, box.smtp_port, timeout=TIMEOUT_S)
        try:
            client.ehlo_or_helo_if_needed()
            if not isinstance(client.sock, ssl.SSLSocket):
                self._start_tls(client, context)
            self._sign_in(client)
        except BaseException:
            _close(client)
            raise
        return client

    def _start_tls(self, client: smtplib.SMTP, context: ssl.SSLContext) -> None:
        try:
            code, _ = client.starttls(context=context)
        except smtplib.SMTPNotSupportedError as error:
            message = "The mail server does not offer STARTTLS: nothing was sent."
            raise ChannelDown(message) from error
        if code != 220 or not isinstance(client.sock, ssl.SSLSocket):
            message = "The mail server refuses STARTTLS: nothing was sent."
            raise ChannelDown(message)
        client.ehlo()

    def _sign_in(self, client: smtplib.SMTP) -> None:
        box = self.mailbox
        if not box.smtp_user:
            return
        try:
            if box.smtp_auth == Mailbox.Auth.OAUTH2:
                token = oauth.access_token(box, box.smtp_secret or "")
                client.auth("XOAUTH2", lambda _challenge=None: oauth.xoauth2(box.smtp_user, token))
            else:
                client.login(box.smtp_user, box.smtp_secret or "")
        except smtplib.SMTPNotSupportedError as error:
            message = "The mail server offers no sign-in that we know."
            raise ChannelDown(message) from error
        except smtplib.SMTPAuthenticationError as error:
            oauth.forget(box)
            message = f"The mail server refuses user or password ({error.smtp_code})."
            raise ChannelDown(message) from error


def _down(sentence: str) -> Outcome:
    return Outcome("retry", sentence, is_channel_down=True)


class _Unanswered(Exception):
    """The answer to the end of the data never came."""


def _send(
    client: smtplib.SMTP,
    envelope: Envelope,
    raw: bytes,
    still_ours: Callable[[], bool],
    hand_over: Callable[[], bool],
) -> Outcome:
    """MAIL, RCPT for each, DATA. Raises OSError or SMTPException when the connection breaks.

    While any recipient is refused for now (4xx), nobody gets it yet: so nobody gets it twice.
    """
    options = [f"SIZE={len(raw)}"] if client.has_extn("size") else []
    code, answer = client.mail(envelope.sender, options)
    if code // 100 != 2:
        return _refused(code, answer)
    refusals: list[tuple[int, bytes]] = []
    for recipient in envelope.recipients:
        code, answer = client.rcpt(recipient)
        if code // 100 == 4:
            client.rset()
            return _refused(code, answer)
        if code // 100 != 2:
            refusals.append((code, answer))
    if len(refusals) == len(envelope.recipients):
        client.rset()
        return _refused(*refusals[0])
    if not still_ours():
        client.rset()
        return Outcome("retry", "Another worker has taken over.")
    code, answer = client.docmd("DATA")
    if code != 354:
        return _refused(code, answer)
    code, answer = _data(client, raw, still_ours, hand_over)
    if code // 100 != 2:
        return _refused(code, answer)
    if refusals:
        text = f"{len(refusals)} of {len(envelope.recipients)} recipients were refused: {_line(*refusals[0])}"
        return Outcome("sent", text[:500], refused=len(refusals))
    return Outcome("sent", _line(code, answer))


def _data(
    client: smtplib.SMTP, raw: bytes, still_ours: Callable[[], bool], hand_over: Callable[[], bool]
) -> tuple[int, bytes]:
    """Send the content in pieces, renewing the lease between them, and return the server's answer.

    Raises _Unanswered when the server has everything and the answer is lost.
    """
    quoted = _LEADING_DOT.sub(b"..", raw)
    if not quoted.endswith(b"\r\n"):
        quoted += b"\r\n"
    for start in range(0, len(quoted), _CHUNK):
        if start and not still_ours():
            raise _lost_lease()
        client.send(quoted[start : start + _CHUNK])
    if not hand_over():
        raise _lost_lease()
    if client.sock is not None:
        client.sock.settimeout(ANSWER_TIMEOUT_S)
    try:
        client.send(b".\r\n")
        code, answer = client.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise _Unanswered(type(error).__name__) from error
    if code < 200:
        message = "no SMTP answer"
        raise _Unanswered(message)
    return code, answer


def _lost_lease() -> TimeoutError:
    return TimeoutError("the lease was lost while sending")


def _refused(code: int, answer: bytes) -> Outcome:
    # A missing sign-in is a fault of our settings, not of the mail.
    is_final = code // 100 == 5 and code not in SIGN_IN_CODES
    return Outcome("failed" if is_final else "retry", _line(code, answer))


def _line(code: int, answer: bytes) -> str:
    """The server's answer in one line, addresses left out: it is shown to staff and kept."""
    text = " ".join(answer.decode("utf-8", "replace").split())
    printable = "".join(character for character in text if character.isprintable())
    return _ADDRESS.sub("…", f"{code} {printable}")[:300]


def _close(client: smtplib.SMTP) -> None:
    try:
        if client.sock is not None:
            client.sock.settimeout(2)
        client.quit()
    except (OSError, smtplib.SMTPException):
        client.close()
