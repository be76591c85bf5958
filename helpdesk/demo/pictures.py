"""Pictures that customers attach, drawn with Pillow: block explorer cards, charts, phone screens."""

import io
from collections.abc import Callable, Mapping
from functools import cache
from random import Random

from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont
from PIL.ImageFont import ImageFont as BitmapFont

Slots = Mapping[str, str]
_INK = (24, 33, 47)
_GREY = (104, 117, 134)
_LINE = (222, 227, 234)
_PAPER = (250, 251, 253)
_BLUE = (33, 99, 214)
_GREEN = (14, 138, 92)
_RED = (200, 50, 60)
_AMBER = (176, 112, 8)
_NIGHT = (15, 20, 28)


@cache
def _font(size: int) -> FreeTypeFont | BitmapFont:
    """Pillow's own font: the same on every machine."""
    return ImageFont.load_default(size)


def draw(kind: str, slots: Slots, random: Random) -> bytes:
    """Return the PNG of `kind`; raises KeyError for a kind nobody draws."""
    return _DRAWERS[kind](slots, random)


def kinds() -> frozenset[str]:
    """Return what can be drawn."""
    return frozenset(_DRAWERS)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.quantize(64, method=Image.Quantize.FASTOCTREE).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def _wrapped(text: str, width: int) -> list[str]:
    return [text[start : start + width] for start in range(0, len(text), width)]


def _explorer(slots: Slots, random: Random) -> bytes:
    image = Image.new("RGB", (680, 430), _PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 680, 52), fill=_INK)
    pen.text((24, 16), f"{slots['network']} explorer", font=_font(18), fill="white")
    pen.rounded_rectangle((456, 12, 656, 40), 6, fill=(48, 60, 79))
    pen.text((470, 17), "Search hash or address", font=_font(13), fill=(170, 180, 195))
    pen.text((24, 72), "Transaction", font=_font(22), fill=_INK)
    status = f"Success  {random.randint(14, 900)} confirmations"
    pen.rounded_rectangle((24, 108, 300, 134), 13, fill=(222, 243, 233))
    pen.text((38, 113), status, font=_font(14), fill=_GREEN)
    rows = (
        ("Hash", slots["txid"]),
        ("Block", f"{random.randint(840_000, 68_000_000):,}"),
        ("To", slots["addr"]),
        ("Amount", f"{slots['amount']} {slots['asset']}"),
        ("Fee", f"{random.uniform(0.2, 9):.2f} USD"),
    )
    top = 150
    for label, value in rows:
        pen.line((24, top, 656, top), fill=_LINE)
        pen.text((24, top + 12), label, font=_font(14), fill=_GREY)
        lines = _wrapped(value, 62)
        for number, line in enumerate(lines):
            pen.text(
                (130, top + 12 + number * 18), line, font=_font(14), fill=_BLUE if label in {"Hash", "To"} else _INK
            )
        top += 30 + 18 * len(lines)
    return _png(image)


def _chart(slots: Slots, random: Random) -> bytes:
    image = Image.new("RGB", (760, 420), _NIGHT)
    pen = ImageDraw.Draw(image)
    pen.text((18, 14), f"{slots['pair']}   1m", font=_font(18), fill="white")
    pen.text((180, 17), f"last {slots['price']}", font=_font(14), fill=(150, 160, 175))
    for line in range(70, 400, 55):
        pen.line((0, line, 690, line), fill=(32, 40, 52))
    middle = 235.0
    wick = random.randint(24, 40)
    for index in range(56):
        begin = middle
        middle = min(350.0, max(110.0, middle + random.uniform(-16, 16)))
        x = 14 + index * 12
        colour = _GREEN if middle < begin else _RED
        low = 372.0 if index == wick else max(begin, middle) + random.uniform(2, 14)
        pen.line((x + 4, min(begin, middle) - random.uniform(2, 14), x + 4, low), fill=colour)
        pen.rectangle((x, min(begin, middle), x + 8, max(begin, middle) + 1), fill=colour)
    level = 330
    pen.line((0, level, 690, level), fill=(235, 70, 80), width=2)
    pen.rectangle((690, level - 11, 760, level + 11), fill=(235, 70, 80))
    pen.text((695, level - 8), slots["price2"][:9], font=_font(13), fill="white")
    return _png(image)


def _phone(title: str, *, dark: bool = False) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (360, 640), _NIGHT if dark else _PAPER)
    pen = ImageDraw.Draw(image)
    ink = "white" if dark else _INK
    pen.text((18, 10), "9:41", font=_font(14), fill=ink)
    pen.text((292, 10), "5G  82%", font=_font(13), fill=ink)
    pen.text((18, 46), "<", font=_font(22), fill=_BLUE)
    pen.text((46, 49), title, font=_font(19), fill=ink)
    pen.line((0, 86, 360, 86), fill=(44, 54, 68) if dark else _LINE)
    pen.rounded_rectangle((120, 622, 240, 627), 3, fill=(90, 100, 115))
    return image, pen


def _paragraph(
    pen: ImageDraw.ImageDraw, top: int, text: str, *, size: int = 15, fill: tuple[int, int, int] = _GREY, left: int = 22
) -> int:
    """Write words in lines of the phone's width; return where the next thing may begin."""
    line = ""
    for word in [*text.split(), ""]:
        if word and len(line) + len(word) < (374 - 2 * left) // (size * 0.52):
            line = f"{line} {word}".strip()
            continue
        pen.text((left, top), line, font=_font(size), fill=fill)
        top += size + 7
        line = word
    return top


def _button(pen: ImageDraw.ImageDraw, top: int, label: str, fill: tuple[int, int, int] = _BLUE) -> None:
    pen.rounded_rectangle((20, top, 340, top + 46), 10, fill=fill)
    pen.text((180, top + 23), label, font=_font(16), fill="white", anchor="mm")


def _phone_code(slots: Slots, random: Random) -> bytes:
    image, pen = _phone("Two-step verification")
    top = _paragraph(pen, 116, "Enter the six-digit code from your authenticator app.")
    for place in range(6):
        left = 22 + place * 54
        pen.rounded_rectangle((left, top + 20, left + 44, top + 76), 8, outline=_RED, width=2)
        pen.text((left + 22, top + 48), str(random.randint(0, 9)), font=_font(26), fill=_INK, anchor="mm")
    _paragraph(pen, top + 96, "This code is not valid. Check the time on your device and try again.", fill=_RED)
    _button(pen, 430, "Continue", (160, 178, 206))
    _paragraph(pen, 500, "I lost my second factor", fill=_BLUE)
    return _png(image)


def _phone_kyc(slots: Slots, random: Random) -> bytes:
    image, pen = _phone("Verification")
    pen.rounded_rectangle((30, 120, 330, 300), 14, fill=(227, 233, 242), outline=_LINE)
    pen.rectangle((50, 150, 130, 250), fill=(190, 201, 216))
    for line in range(4):
        pen.rectangle((150, 156 + line * 24, 150 + random.randint(90, 160), 168 + line * 24), fill=(201, 210, 223))
    pen.ellipse((232, 112, 352, 232), fill=(246, 249, 253))
    pen.text((22, 330), "Not accepted", font=_font(22), fill=_RED)
    top = _paragraph(pen, 366, "Your document does not meet the requirements. Please upload it again.")
    _paragraph(pen, top + 6, f"Attempt {random.randint(2, 4)} of 5, reference {slots['ref']}", size=13)
    _button(pen, 540, "Try again")
    return _png(image)


def _phone_withdrawal(slots: Slots, random: Random) -> bytes:
    image, pen = _phone("Withdrawal")
    pen.text((180, 140), f"{slots['amount']} {slots['asset']}", font=_font(30), fill=_INK, anchor="mm")
    pen.rounded_rectangle((110, 170, 250, 200), 15, fill=(253, 240, 214))
    pen.text((180, 185), "Processing", font=_font(15), fill=_AMBER, anchor="mm")
    rows = [("Number", slots["wid"]), ("Network", slots["network"]), ("Requested", f"{slots['time']} UTC")]
    rows += [("To", slots["to"]), ("Fee", f"{random.uniform(0.3, 4):.2f} USD")]
    top = 226
    for label, value in rows:
        pen.line((20, top, 340, top), fill=_LINE)
        pen.text((22, top + 12), label, font=_font(14), fill=_GREY)
        lines = _wrapped(value, 24)
        for number, line in enumerate(lines):
            pen.text((338, top + 12 + number * 19), line, font=_font(14), fill=_INK, anchor="ra")
        top += 24 + 19 * len(lines)
    _button(pen, 556, "Contact support")
    return _png(image)


def _phone_mail(slots: Slots, random: Random) -> bytes:
    image, pen = _phone("Inbox")
    pen.text(
        (22, 104), "New device signed in" if random.random() > 0.5 else "Security notice", font=_font(21), fill=_INK
    )
    pen.text((22, 136), f"from {slots['badmail']}"[:44], font=_font(13), fill=_GREY)
    pen.rounded_rectangle((20, 164, 340, 470), 12, outline=_LINE, width=2)
    pen.text((40, 184), "PHAROS", font=_font(24), fill=_BLUE)
    body = f"A new device signed in near {_ascii(slots['city2'])}, address {slots['ip']}. If this was not you, act now."
    _paragraph(pen, 226, body, size=14, left=40)
    pen.rounded_rectangle((40, 350, 320, 392), 8, fill=_BLUE)
    pen.text((180, 371), "Secure my account", font=_font(15), fill="white", anchor="mm")
    pen.text((40, 420), slots["site"], font=_font(13), fill=_GREY)
    return _png(image)


def _phone_error(slots: Slots, random: Random) -> bytes:
    image, pen = _phone("Portfolio", dark=True)
    for line in range(5):
        pen.rounded_rectangle((20, 110 + line * 62, 340, 160 + line * 62), 8, fill=(26, 34, 46))
    pen.rounded_rectangle((40, 230, 320, 420), 14, fill=(240, 243, 248))
    pen.text((180, 268), "Pharos has stopped", font=_font(18), fill=_INK, anchor="mm")
    pen.text(
        (180, 300), f"version {slots['appver']} ({random.randint(3000, 4999)})", font=_font(14), fill=_GREY, anchor="mm"
    )
    pen.text((180, 340), "Open again", font=_font(16), fill=_BLUE, anchor="mm")
    pen.text((180, 384), "Close app", font=_font(16), fill=_BLUE, anchor="mm")
    return _png(image)


def _ascii(text: str) -> str:
    """The drawing font has Latin letters only."""
    return text if text.isascii() else "your region"


_DRAWERS: dict[str, Callable[[Slots, Random], bytes]] = {
    "tx_png": _explorer,
    "chart": _chart,
    "phone_code": _phone_code,
    "phone_kyc": _phone_kyc,
    "phone_withdrawal": _phone_withdrawal,
    "phone_mail": _phone_mail,
    "phone_error": _phone_error,
}
