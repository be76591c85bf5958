"""The provider's signature, by the example of its own documentation, and the name of a request."""

from django.http import QueryDict
from django.test import override_settings

from tickets.channels.phone import door
from tickets.models import PhoneLine

# https://www.twilio.com/docs/usage/security, "Explore the algorithm yourself".
URL = "https://example.com/myapp.php?foo=1&bar=2"
FORM = "CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212"
SIGNED = "L/OH5YylLD5NRKLltdqwSvS0BnU="


def line() -> PhoneLine:
    return PhoneLine(token="12345")


def test_signature__of_the_documentation__is_genuine() -> None:
    assert door.is_genuine(line(), {"X-Twilio-Signature": SIGNED}, URL, QueryDict(FORM))


def test_signature__another_secret_or_none__is_not() -> None:
    assert not door.is_genuine(PhoneLine(token="12346"), {"X-Twilio-Signature": SIGNED}, URL, QueryDict(FORM))
    assert not door.is_genuine(PhoneLine(token=""), {"X-Twilio-Signature": SIGNED}, URL, QueryDict(FORM))
    assert not door.is_genuine(line(), {}, URL, QueryDict(FORM))


def test_name__same_bytes_cut_up_otherwise__is_the_same() -> None:
    given = QueryDict("Digits=1&From=2")
    shifted = QueryDict("Digit=s1&From=2")
    assert door.digest(line(), URL, given) == door.digest(line(), URL, shifted)
    assert door.digest(line(), URL, given) != door.digest(line(), URL, QueryDict("Digits=2&From=2"))


@override_settings(SITE_URL="https://support.pharos.test")
def test_address__behind_a_proxy__is_the_public_one() -> None:
    assert door.public_url("/hooks/phone/x/call/?n=1") == "https://support.pharos.test/hooks/phone/x/call/?n=1"
