"""Cutting a text into the pieces that a vendor takes."""


def pieces(text: str, longest: int) -> list[str]:
    """Return pieces of at most so many UTF-16 units, cut at a line end or a space where there is one."""
    found, rest = [], text.strip()
    while rest:
        fits = _fitting(rest, longest)
        if fits < len(rest):
            cut = max(rest.rfind("\n", 0, fits), rest.rfind(" ", 0, fits))
            fits = cut if cut > fits // 2 else fits
        piece = rest[:fits].rstrip()
        found += [piece] if piece else []
        rest = rest[fits:].lstrip()
    return found


def _fitting(text: str, units: int) -> int:
    """Return how many characters at the beginning are within so many UTF-16 units."""
    if len(text) <= units // 2:
        return len(text)
    used = 0
    for place, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > units:
            return place
    return len(text)
