"""Bodies of web push: the example of the standard, to the byte, and what is no key."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from core import web_push
from tests.support.push_service import CURVE, Browser, from_base64url, to_base64url

# RFC 8291, appendix A.
SAID = b"When I grow up, I want to be a watermelon"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
THEIR_KEY = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
THEIR_POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
OUR_KEY = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
    "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def key_of(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(from_base64url(text), "big"), CURVE)


def test_sealed__example_of_the_standard__is_the_same_to_the_byte() -> None:
    body = web_push.seal_with(SAID, browser_key=THEIR_POINT, auth=AUTH, ours=key_of(OUR_KEY), salt=from_base64url(SALT))
    assert to_base64url(body) == BODY
    # And who judges the others in tests reads the standard the same way.
    browser = Browser("https://push.example/x", key_of(THEIR_KEY), from_base64url(AUTH))
    assert browser.open(from_base64url(BODY)) == SAID
    again = web_push.sealed(SAID, browser_key=THEIR_POINT, auth=AUTH)
    assert again != body
    assert browser.open(again) == SAID


def test_keys__that_are_none__are_told_apart() -> None:
    assert web_push.is_browser_key(THEIR_POINT)
    for wrong in ("", "no key", THEIR_POINT[:-4], to_base64url(b"\x04" + b"\1" * 64), "ü"):
        assert not web_push.is_browser_key(wrong)
    assert web_push.is_auth(AUTH)
    assert not web_push.is_auth(AUTH + "AAAA")
    with pytest.raises(ValueError, match="too long"):
        web_push.sealed(b"x" * (web_push.MOST_BYTES + 1), browser_key=THEIR_POINT, auth=AUTH)
