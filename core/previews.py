"""Previews of images: decoded under limits and drawn anew, so that nothing but pixels survives."""

import os
import struct
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_MAX_BYTES = 30_000_000
# What decoding needs stays below 250 MB: WebP is decoded through three canvases, progressive JPEG keeps everything.
_MAX_PIXELS = {"JPEG": 24_000_000, "PNG": 20_000_000, "GIF": 20_000_000, "WEBP": 8_000_000}
_SMALL_PIXELS = 2_000_000
_SMALL_BYTES = 4_000_000
_MAX_SIDE = 20_000
_MAX_SCANS = 100  # of a progressive JPEG: each costs a pass over the whole picture
_QUALITY = 85
_SHRINKABLE = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"})
ROOT = Path(__file__).resolve().parents[1]
CHILD = (sys.executable, "-m", "core.preview_child")
_CHILD_TIMEOUT_S = 10
_one_small = threading.Lock()
_two_large = threading.BoundedSemaphore(2)
# What broken or hostile images make Pillow raise.
_DECODING_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, OverflowError, AttributeError, EOFError,
    RuntimeError, struct.error, MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


def image_preview(content: bytes, *, max_px: int = 1600) -> bytes | None:
    """A WebP of the first frame, at most `max_px` pixels wide and high, without metadata.

    None when the content is no PNG, JPEG, GIF or WebP, is broken, or would cost too much to decode. Small pictures are
    drawn here, one at a time; larger ones in a child process with bounded memory and time, two at a time.
    """
    pixels = _pixels(content)
    if pixels is None:
        return None
    if pixels <= _SMALL_PIXELS and len(content) <= _SMALL_BYTES:
        with _one_small:
            return draw(content, max_px=max_px)
    with _two_large:
        return _drawn_by_a_child(content, max_px)


def watermarked(picture: bytes, words: str) -> bytes:
    """Write `words` (ASCII) across a picture that was drawn here, again and again, so that no part of it is without."""
    with Image.open(BytesIO(picture), formats=("WEBP",)) as image:
        below = image.convert("RGBA")
    height = max(14, below.width // 40)
    font = ImageFont.load_default(height)
    above = Image.new("RGBA", below.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(above)
    for row, top in enumerate(range(height, below.height, height * 6)):
        for left in range(-(row % 2) * height * 8, below.width, int(pen.textlength(words, font=font)) + height * 4):
            place = (left, top)
            pen.text(place, words, font=font, fill=(255, 255, 255, 110), stroke_width=1, stroke_fill=(0, 0, 0, 110))
    output = BytesIO()
    Image.alpha_composite(below, above).convert("RGB").save(output, "WEBP", quality=_QUALITY, method=2)
    return output.getvalue()


def draw(content: bytes, *, max_px: int) -> bytes | None:
    """Do it in this process."""
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            return _drawn_anew(image, max_px)
    except _DECODING_ERRORS:
        return None


def _pixels(content: bytes) -> int | None:
    """How many pixels the header announces; None for what is not to be decoded at all."""
    if (
        not content
        or len(content) > _MAX_BYTES
        or (content.count(b"\xff\xda") > _MAX_SCANS and content[:2] == b"\xff\xd8")
    ):
        return None
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            width, height = image.size
            limit = _MAX_PIXELS.get(image.format or "", 0)
    except _DECODING_ERRORS:
        return None
    return None if width * height > limit or max(width, height) > _MAX_SIDE else width * height


def _drawn_by_a_child(content: bytes, max_px: int) -> bytes | None:
    try:
        done = subprocess.run(
            CHILD,
            input=f"{max_px}\n".encode() + content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_CHILD_TIMEOUT_S,
            cwd=ROOT,
            # Nothing of our environment: it holds keys.
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    return done.stdout or None if done.returncode == 0 else None


def _drawn_anew(image: Image.Image, max_px: int) -> bytes:
    """Decode, shrink, turn upright, and copy bare pixels into a new image; shrunk first, so that copies are small."""
    image.draft("RGB", (max_px, max_px))  # JPEG decodes at a fraction of its size
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    # Palettes, bits and deep greys cannot be shrunk as they are; exactly these have one or two bytes a pixel.
    plain = image if image.mode in _SHRINKABLE else _eight_bit(image).convert("RGBA" if has_alpha else "RGB")
    plain.thumbnail((max_px, max_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    upright = ImageOps.exif_transpose(plain)
    pixels = upright.convert("RGBA" if has_alpha else "RGB")
    bare = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
    output = BytesIO()
    bare.save(output, "WEBP", quality=_QUALITY, method=2)
    return output.getvalue()


def _eight_bit(image: Image.Image) -> Image.Image:
    """16-bit greys scaled down: converting them straight would clip nearly all to white."""
    if image.mode.startswith(("I;16", "I")):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return image
