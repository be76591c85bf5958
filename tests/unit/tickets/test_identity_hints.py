"""What is proposed as an identity document: names and subjects in many languages, and what is not."""

import pytest

from tickets import identity_hints

NAMED = [
    "passport.jpg", "My_Passport-2026.JPEG", "pasaporte.png", "Reisepass.jpg", "passeport.jpg", "паспорт.jpg", "护照.jpg",
    "護照正面.png", "パスポート.jpg", "여권.jpg", "id_card_front.png", "ID-Card.jpg", "Personalausweis.jpg", "dni.jpg",
    "DNI-anverso.jpg", "cédula.jpg", "身份证正面.jpg", "신분증.png", "drivers-license.jpg", "Führerschein.jpg",
    "permis de conduire.png", "驾照.jpg", "運転免許証.jpg", "selfie.jpg", "自拍.jpg", "kyc.png", "carte d'identité.jpg",
    "водительские права.jpg", "Personalausweis Ru\u0308ckseite.jpg",
]  # fmt: skip
OTHER = [
    "screenshot.png", "IMG_1234.jpg", "receipt.pdf", "midnight.jpg", "kycklos.jpg", "cnhost.png", "account.png", "转账记录.jpg",
    "", "valid-card-payment.png", "pass.jpg",
]  # fmt: skip


@pytest.mark.attack("C7")
@pytest.mark.parametrize("name", NAMED)
def test_names_one__as_people_call_them__is_found(name: str) -> None:
    assert identity_hints.names_one(name)


@pytest.mark.parametrize("name", OTHER)
def test_names_one__anything_else__is_not(name: str) -> None:
    assert not identity_hints.names_one(name)


@pytest.mark.parametrize(
    ("content_type", "size", "is_inline", "is_proposed"),
    [
        ("image/jpeg", 90_000, False, True),
        ("image/png", 90_000, True, True),
        ("image/png", 2_000, True, False),
        ("application/pdf", 90_000, False, False),
        ("text/plain", 90_000, False, False),
    ],
)
def test_looks_like_one__under_a_subject__pictures_alone_and_no_logos(
    content_type: str, size: int, *, is_inline: bool, is_proposed: bool
) -> None:
    found = identity_hints.looks_like_one(
        name="a", content_type=content_type, size=size, is_inline=is_inline, subject="My passport"
    )
    assert found == is_proposed
