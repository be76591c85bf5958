"""Passwords that others would try first are refused, whatever is put around them; nobody is told what to compose."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from security.password_words import GuessableWordsValidator


@pytest.mark.parametrize(
    "password",
    [
        "Pharos-Support-2026",
        "ph4r0s$upp0rt!!",
        "BitcoinWallet123",
        "password12345678",
        "qwertyuiop12345",
        "P@ssw0rd!P@ssw0rd!",
        "123password456789",
        "customer-service",
    ],
)
def test_password__of_our_words_or_a_common_one_with_trimmings__is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        GuessableWordsValidator().validate(password)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "my support cat sleeps upstairs",
        "k8#Lq9!zP0xw",
        "918273645546372819",
        "灯塔照亮了整片海湾与远方的船",
        "lowercaseonlybutlongenough",
        "x" * 3 + "wie der Wind im Schilf" * 4,
    ],
)
def test_password__of_any_composition_and_length__is_taken(password: str) -> None:
    GuessableWordsValidator().validate(password)


def test_rules__of_the_settings__ask_for_this_one_and_twelve_characters() -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password("Pharos-Support-2026")
    assert [error.code for error in refused.value.error_list] == ["password_guessable"]
    with pytest.raises(ValidationError) as refused:
        validate_password("kjw8#Lq9!zP")
    assert [error.code for error in refused.value.error_list] == ["password_too_short"]
