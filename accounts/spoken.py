"""Languages that customers write in and colleagues speak: the codes that detection gives, more than our pages have."""

from typing import Final

from django.conf.locale import LANG_INFO

SPOKEN: Final = (
    "en", "zh-hans", "zh-hant", "es", "de", "pt", "ru", "tr", "vi", "ja", "ko", "ar", "fr", "it", "id",
)  # fmt: skip


def own_name(code: str) -> str:
    """Return a language's name in itself, or the code where nobody knows it."""
    info = LANG_INFO.get(code, {})
    return str(info.get("name_local", code))


CHOICES: Final = [(code, own_name(code)) for code in SPOKEN]
