"""HTML as mail programs write it, from plain text: threads of paragraphs, pictures between them, forwarded bait."""

from collections.abc import Mapping
from datetime import datetime
from html import escape
from random import Random

_FORWARDED = {
    "en": ("---------- Forwarded message ---------", "From", "Date", "Subject"),
    "zh": ("---------- 转发的邮件 ---------", "发件人", "日期", "主题"),
    "de": ("-------- Weitergeleitete Nachricht --------", "Von", "Datum", "Betreff"),
    "es": ("---------- Mensaje reenviado ---------", "De", "Fecha", "Asunto"),
}
_WROTE = {
    "en": "On {when}, Pharos Support <{mailbox}> wrote:",
    "zh": "{when}，Pharos Support <{mailbox}> 写道：",
    "de": "Am {when} schrieb Pharos Support <{mailbox}>:",
    "es": "El {when}, Pharos Support <{mailbox}> escribió:",
    "pt": "Em {when}, Pharos Support <{mailbox}> escreveu:",
    "ru": "{when}, Pharos Support <{mailbox}> пишет:",
    "ja": "{when} Pharos Support <{mailbox}>:",
}


def page(text: str, random: Random, *, pictures: tuple[str, ...] = (), quoted: str = "") -> str:
    """Return `text` as HTML in the manner of one of three mail programs; `pictures` are Content-IDs."""
    paragraphs = [escape(part).replace("\n", "<br>") for part in text.split("\n\n")]
    style = random.randrange(3)
    shown = [f'<img src="cid:{cid}" alt="" width="{random.choice((320, 420, 560))}">' for cid in pictures]
    if style == 0:
        blocks = [f"<div>{part}</div><div><br></div>" for part in paragraphs]
        body = '<div dir="auto">' + "".join(_between(blocks, [f"<div>{image}</div>" for image in shown])) + "</div>"
    elif style == 1:
        blocks = [
            f'<p class="MsoNormal" style="font-family:Calibri,sans-serif;font-size:11.0pt">{part}</p>'
            for part in paragraphs
        ]
        body = "".join(_between(blocks, [f'<p class="MsoNormal">{image}</p>' for image in shown]))
    else:
        blocks = [f"<p>{part}</p>" for part in paragraphs]
        body = (
            '<html><head><meta charset="utf-8"></head><body style="word-wrap:break-word">'
            + "".join(_between(blocks, shown))
            + "</body></html>"
        )
    return body + (
        f'<blockquote type="cite" style="border-left:2px solid #bbb;padding-left:8px">{_lines(quoted)}</blockquote>'
        if quoted
        else ""
    )


def _between(blocks: list[str], pictures: list[str]) -> list[str]:
    """Put pictures before the closing, where people paste them."""
    place = max(1, len(blocks) - 1)
    return [*blocks[:place], *pictures, *blocks[place:]]


def _lines(text: str) -> str:
    return "<br>".join(escape(line.removeprefix("> ").removeprefix(">")) for line in text.splitlines())


def quotation(text: str, at: datetime, language: str, mailbox: str) -> str:
    """Return our earlier reply as a mail program quotes it below the answer."""
    wrote = _WROTE.get(language, _WROTE["en"]).format(
        when=f"{at:%a, %d %b %Y %H:%M}" if language == "en" else f"{at:%Y-%m-%d %H:%M}", mailbox=mailbox
    )
    return wrote + "\n" + "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def forwarded_bait(text: str, slots: Mapping[str, str], language: str, random: Random, at: datetime) -> tuple[str, str]:
    """Return (plain text, HTML) of a message that forwards a phishing mail: a foreign logo, a table, a button."""
    heading, sender, date, subject = _FORWARDED.get(language, _FORWARDED["en"])
    title = random.choice(
        (
            "Your account will be suspended",
            "Action required: verify your wallet",
            "Unusual activity detected",
            "Final reminder: update your details",
        )
    )
    link = f"https://{slots['site']}/{random.choice(('verify', 'unlock', 'account/restore'))}?id={random.randbytes(4).hex()}"
    header = [
        heading,
        f"{sender}: Pharos Security Team <{slots['badmail']}>",
        f"{date}: {at:%Y-%m-%d %H:%M}",
        f"{subject}: {title}",
    ]
    bait = [
        "Dear customer,",
        f"we noticed unusual activity on your account. Please verify your wallet within {random.choice((12, 24, 48))} hours to avoid suspension.",
        f"Verify now: {link}",
        "Pharos Security Team",
    ]
    plain = "\n\n".join([text, "\n".join(header), *bait])
    html = (
        f"<div>{escape(text).replace(chr(10), '<br>')}</div><br><div>{'<br>'.join(map(escape, header))}</div><br>"
        f'<table width="560" cellpadding="0" cellspacing="0" style="border:1px solid #dde3ea;font-family:Arial,sans-serif">'
        f'<tr><td style="background:#0b2f66;padding:18px"><img src="https://{slots["site"]}/logo.png" width="120" alt="PHAROS"></td></tr>'
        f'<tr><td style="padding:24px"><h2 style="color:#0b2f66">{escape(title)}</h2><p>{escape(bait[0])}</p><p>{escape(bait[1])}</p>'
        f'<p><a href="{link}" style="background:#c8102e;color:#ffffff;padding:12px 22px;text-decoration:none">Verify now</a></p>'
        f'<p style="color:#667">{escape(bait[3])}</p><img src="https://{slots["site"]}/o.gif?u={random.randbytes(4).hex()}" width="1" height="1" alt=""></td></tr></table>'
    )
    return plain, html
