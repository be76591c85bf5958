"""Previews: drawn anew without metadata, and refused before a bomb is unpacked."""

import io
import resource
import struct
import subprocess
import sys
import zlib

import pytest
from PIL import Image

from core.previews import image_preview


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def _opened(content: bytes | None) -> Image.Image:
    assert content is not None
    return Image.open(io.BytesIO(content))


def _png_bomb(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
        + chunk(b"IEND", b"")
    )


def test_image_preview__photo__is_upright_small_and_bare() -> None:
    photo = Image.new("RGB", (3000, 1500), "red")
    exif = photo.getexif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "secret place"
    exif.get_ifd(0x8825)[1] = "N"
    preview = image_preview(
        _saved(photo, "JPEG", exif=exif, comment=b"secret comment", icc_profile=b"secret profile" * 20)
    )
    image = _opened(preview)
    assert (image.format, image.size) == ("WEBP", (800, 1600))
    assert preview is not None
    assert b"secret" not in preview
    assert not image.getexif()
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_image_preview__png_of_any_mode__is_drawn(mode: str) -> None:
    image = _opened(image_preview(_saved(Image.new(mode, (40, 30)), "PNG")))
    assert image.size == (40, 30)
    assert image.mode == ("RGBA" if mode in {"LA", "RGBA"} else "RGB")


def test_image_preview__cmyk_jpeg__is_drawn() -> None:
    assert _opened(image_preview(_saved(Image.new("CMYK", (40, 30)), "JPEG"))).mode == "RGB"


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_image_preview__animation__shows_its_first_frame(kind: str) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    image = _opened(image_preview(_saved(frames[0], kind, save_all=True, append_images=frames[1:])))
    red, _green, blue = image.convert("RGB").getpixel((5, 5))  # type: ignore[misc]
    assert getattr(image, "n_frames", 1) == 1
    assert red > 200
    assert blue < 50


def test_image_preview__size__follows_max_px() -> None:
    content = _saved(Image.new("RGB", (500, 100)), "PNG")
    assert _opened(image_preview(content, max_px=50)).size == (50, 10)
    assert _opened(image_preview(content)).size == (500, 100)


@pytest.mark.attack("C5")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF0000WEBP",
        _saved(Image.new("RGB", (9, 9)), "BMP"),
        _saved(Image.new("RGB", (9, 9)), "TIFF"),
        _saved(Image.new("RGB", (99, 99), "red"), "PNG")[:60],
        b"\xff\xd8\xff" + b"\xff\xda" * 200,
    ],
)
def test_image_preview__no_whole_image_of_ours__is_none(content: bytes) -> None:
    assert image_preview(content) is None


@pytest.mark.attack("C5")
@pytest.mark.parametrize(("width", "height"), [(50_000, 50_000), (10_000, 9_000), (60_000, 2), (7_000, 6_000)])
def test_image_preview__pixel_flood__is_refused_without_memory(width: int, height: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert image_preview(_png_bomb(width, height)) is None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def _made_elsewhere(mode: str, kind: str, width: int, height: int) -> bytes:
    """Return a picture without having held it here."""
    made = "import sys; from PIL import Image; w, h = map(int, sys.argv[3:]); image = Image.new(sys.argv[1], (w, h))"
    words = [sys.executable, "-c", f"{made}; image.save(sys.stdout.buffer, sys.argv[2])", mode, kind]
    done = subprocess.run([*words, str(width), str(height)], stdout=subprocess.PIPE, check=True)
    return done.stdout


@pytest.mark.attack("C5")
@pytest.mark.parametrize(("mode", "kind"), [("RGBA", "WEBP"), ("RGBA", "PNG"), ("P", "GIF"), ("I;16", "PNG")])
def test_image_preview__kilobytes_that_become_many_megabytes__cost_this_process_nothing(mode: str, kind: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    image_preview(_made_elsewhere(mode, kind, 8000, 5000))
    allowed = _made_elsewhere(mode, kind, 2800, 2800)
    image_preview(allowed)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # kB


def test_image_preview__large_photo__is_drawn_in_a_child_with_the_same_result() -> None:
    image = _opened(image_preview(_saved(Image.linear_gradient("L").resize((4000, 3000)).convert("RGB"), "JPEG")))
    assert (image.size, image.mode) == ((1600, 1200), "RGB")
    above, below = image.convert("L").resize((1, 2)).tobytes()
    assert above < below
