"""Patterns of paths of an embedding site, `*` for anything; frontend/src/widget/paths.ts reads them the same way."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_PATTERN = 200
MOST_STARS = 3


def matches(pattern: str, path: str) -> bool:
    """Whether the whole path is as the pattern says; a slash at the end is the same as none. Linear in both."""
    parts, rest = _bare(pattern).split("*"), _bare(path)
    if len(parts) == 1:
        return parts[0] == rest
    first, *middle, last = parts
    if not rest.startswith(first) or len(rest) < len(first) + len(last) or not rest.endswith(last):
        return False
    rest = rest[len(first) : len(rest) - len(last)]
    for part in middle:
        found = rest.find(part)
        if found < 0:
            return False
        rest = rest[found + len(part) :]
    return True


def validate(pattern: str) -> None:
    """Refuse what no path can be like. Raises ValidationError."""
    is_path = pattern.startswith("/") and pattern.isprintable() and not set(pattern) & set("?# ")
    if not is_path or pattern.count("*") > MOST_STARS:
        raise ValidationError(
            _("%(pattern)s is no path: write it as in /withdraw or /account/*, without a query, with three * at most."),
            params={"pattern": pattern},
        )


def _bare(path: str) -> str:
    return path.rstrip("/") or "/"
