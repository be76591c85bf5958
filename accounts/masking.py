"""Contact fields as staff see them by default: enough to recognise, not enough to use."""


def masked_email(address: str) -> str:
    """`jane.doe@gmail.com` becomes `j***@g***.com`."""
    local, at, domain = address.partition("@")
    if not at:
        return masked_text(address)
    name, _, suffix = domain.rpartition(".")
    return f"{local[:1]}***@{name[:1]}***.{suffix}" if name else f"{local[:1]}***@***"


def masked_phone(number: str) -> str:
    """`+442083661177` becomes `****1177`."""
    return f"****{number[-4:]}"


def masked_text(text: str) -> str:
    """`0x12ab…9f` style: first four and last two characters of long values, else only the first."""
    return f"{text[:4]}…{text[-2:]}" if len(text) > 12 else f"{text[:1]}***"


def masked(kind: str, value: str) -> str:
    """Mask an address by its kind."""
    return {"email": masked_email, "phone": masked_phone}.get(kind, masked_text)(value)
