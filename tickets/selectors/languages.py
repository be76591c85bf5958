"""Languages that messages and cases are marked with, by the codes that detection gives."""

from accounts.spoken import SPOKEN, own_name

LANGUAGES = SPOKEN


def language_name(code: str) -> str:
    """Return a language's own name, or the code; `zh` is Chinese in either script."""
    return "中文" if code == "zh" else own_name(code)
