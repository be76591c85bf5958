"""Every ASCII label of a one-time code is looked for, though most texts are passed over by their words."""

import pytest

from security.redaction import redact

LABELS = (
    "verification code",
    "verify code",
    "security code",
    "authenticator code",
    "auth pin",
    "login code",
    "log-in code",
    "sign-in otp",
    "sms code",
    "text code",
    "email code",
    "e-mail code",
    "confirmation number",
    "one-time password",
    "access code",
    "2fa code",
    "otp",
    "mfa",
    "totp",
    "withdrawal code",
    "google code",
    "ga code",
    "2-step code",
    "two factor code",
    "6-digit code",
    "passcode",
    "codigo de verificacion",
    "codigo de seguridad",
    "codigo sms",
    "code de verification",
    "code securite",
    "codice di verifica",
    "codice di sicurezza",
    "codice otp",
    "overovaci kod",
    "bezpecnostni kodu",
    "dogrulama kodu",
    "bestatigungscode",
    "sicherheitscode",
    "verifizierungscode",
    "ma xac minh",
    "ma xac nhan",
    "ma otp",
)


@pytest.mark.parametrize("label", LABELS)
def test_redact__code_behind_any_label__is_masked(label: str) -> None:
    assert "482913" not in redact(f"My {label}: 482913 thanks").text
