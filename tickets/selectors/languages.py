"""Languages that messages and cases are marked with, by the codes that detection gives."""

from django.utils.translation import get_language_info

LANGUAGES = ("en", "zh", "es", "de", "pt", "ru", "tr", "vi", "ja", "ko", "ar", "fr", "it", "id")


def language_name(code: str) -> str:
    """Return a language's own name, or the code. Detection does not tell the two Chinese scripts apart."""
    try:
        return "中文" if code == "zh" else str(get_language_info(code)["name_local"]) if code else ""
    except KeyError:
        return code
