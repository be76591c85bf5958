"""A form that ends with a passkey can be sent by its script alone: pressed before that, it would send no answer."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
FORM = re.compile(r"<form[^>]*\sdata-passkey=.*?</form>", re.DOTALL)
FORMS = [
    pytest.param(form, id=f"{path.relative_to(TEMPLATES)}:{place}")
    for path in sorted(TEMPLATES.rglob("*.html"))
    for place, form in enumerate(FORM.findall(path.read_text()))
]


@pytest.mark.parametrize("form", FORMS)
def test_form_of_a_passkey__before_its_script__has_its_button_off(form: str) -> None:
    button = re.search(r"<button[^>]*>", form)
    assert button is not None
    assert button.group().endswith(" disabled>")


def test_forms__of_passkeys__are_found() -> None:
    assert len(FORMS) >= 10
