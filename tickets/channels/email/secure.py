"""TLS towards mail servers: always verified, an extra private CA where the mailbox names one."""

import ssl

from tickets.models import Mailbox


class ChannelDown(Exception):
    """A mail server cannot be used as configured; the sentence is shown to staff and holds no secret."""


def client_context(mailbox: Mailbox) -> ssl.SSLContext:
    """Return a context that checks certificate and host name; raises ChannelDown when the extra CA is not PEM."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if mailbox.ca_certificate.strip():
        try:
            context.load_verify_locations(cadata=mailbox.ca_certificate)
        except (ssl.SSLError, ValueError, TypeError) as error:
            message = "The extra CA certificate of this mailbox is not readable PEM."
            raise ChannelDown(message) from error
    return context
