"""Previews of images: decoded under limits and drawn anew, so that nothing but pixels survives."""

import struct
from io import BytesIO

from PIL import Image, ImageOps

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_MAX_BYTES = 30_000_000
_MAX_PIXELS = 40_000_000  # 160 MB as RGBA, the most that decoding may need
_MAX_SIDE = 20_000
_MAX_SCANS = 100  # of a progressive JPEG: each costs a pass over the whole picture
_QUALITY = 85
# What broken or hostile images make Pillow raise.
_DECODING_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, OverflowError, AttributeError, EOFError,
    RuntimeError, struct.error, MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


def image_preview(content: bytes, *, max_px: int = 1600) -> bytes | None:
    """A WebP of the first frame, at most `max_px` pixels wide and high, without metadata.

    None when the content is no PNG, JPEG, GIF or WebP, is broken, or would cost too much to decode.
    """
    if (
        not content
        or len(content) > _MAX_BYTES
        or (content.count(b"\xff\xda") > _MAX_SCANS and content[:2] == b"\xff\xd8")
    ):
        return None
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            width, height = image.size
            if width * height > _MAX_PIXELS or max(width, height) > _MAX_SIDE:
                return None
            return _drawn_anew(image, max_px)
    except _DECODING_ERRORS:
        return None


def _drawn_anew(image: Image.Image, max_px: int) -> bytes:
    """Decode, turn upright, shrink, and copy bare pixels into a new image."""
    image.draft("RGB", (max_px, max_px))  # JPEG decodes at a fraction of its size
    upright = ImageOps.exif_transpose(image)
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    pixels = _eight_bit(upright).convert("RGBA" if has_alpha else "RGB")
    pixels.thumbnail((max_px, max_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    bare = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
    output = BytesIO()
    bare.save(output, "WEBP", quality=_QUALITY, method=2)
    return output.getvalue()


def _eight_bit(image: Image.Image) -> Image.Image:
    """16-bit greys scaled down: converting them straight would clip nearly all to white."""
    if image.mode.startswith(("I;16", "I")):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image
