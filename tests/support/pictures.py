"""Small pictures for tests."""

from io import BytesIO

from PIL import Image


def png(width: int, height: int) -> bytes:
    """Return a red PNG."""
    made = BytesIO()
    Image.new("RGB", (width, height), "red").save(made, "PNG")
    return made.getvalue()
