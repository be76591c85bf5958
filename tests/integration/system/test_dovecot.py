"""The mail server that other tests stand on does what they take for granted."""

import imaplib
import ssl

from tests.support.dovecot import Dovecot


def test_dovecot__message_delivered_over_lmtp__is_read_over_imap_with_tls(dovecot: Dovecot) -> None:
    dovecot.deliver("someone@pharos.test", b"From: a@example.com\r\nSubject: hello\r\n\r\nbody\r\n")
    trust = ssl.create_default_context(cafile=str(dovecot.ca_file))

    with imaplib.IMAP4("localhost", dovecot.imap_port) as client:
        client.starttls(trust)
        client.login("someone@pharos.test", dovecot.password)
        _, count = client.select("INBOX")

    assert count == [b"1"]
