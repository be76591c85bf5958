"""Files that customers attach: a PDF, statements as CSV, console output, a HAR; and the names they give them."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from helpdesk.demo import pictures
from helpdesk.demo.world import DemoFile

Slots = Mapping[str, str]
_PNG_NAMES = {
    "tx_png": ("Screenshot_{day}.png", "tx.png", "explorer.png", "image.png", "{short}.png"),
    "chart": ("chart.png", "candle {day}.png", "Bildschirmfoto.png", "image001.png"),
}
_PHONE_NAMES = (
    "IMG_{number}.png",
    "Screenshot_{day}-{number}.png",
    "image.png",
    "IMG_{number}.PNG",
    "photo_{number}.png",
)
_OTHER_NAMES = {
    "receipt_pdf": (
        "receipt.pdf",
        "confirmation_{day}.pdf",
        "scan{number}.pdf",
        "Document {number}.pdf",
        "payment.pdf",
    ),
    "statement_csv": ("statement.csv", "export_{day}.csv", "trades.csv", "history-{number}.csv"),
    "console_txt": ("console.txt", "log.txt", "crash_{day}.txt", "output.log"),
    "har": ("session.har", "pharos.test_{day}.har"),
}
_TYPES = {
    "receipt_pdf": "application/pdf",
    "statement_csv": "text/csv",
    "console_txt": "text/plain",
    "har": "application/json",
}


def attach(kind: str, slots: Slots, random: Random, at: datetime, *, inline: bool = False) -> DemoFile:
    """Return the attachment of `kind`; an inline one gets a Content-ID. Raises KeyError for an unknown kind."""
    if kind in pictures.kinds():
        content, content_type = pictures.draw(kind, slots, random), "image/png"
        name = random.choice(_PNG_NAMES.get(kind, _PHONE_NAMES))
    else:
        content, content_type = _MAKERS[kind](slots, random, at), _TYPES[kind]
        name = random.choice(_OTHER_NAMES[kind])
    named = name.format(day=at.strftime("%Y%m%d"), number=random.randint(100, 9999), short=slots["txid"][:8])
    cid = f"{random.randbytes(8).hex()}@{random.choice(('mail.example.com', 'letters.test'))}" if inline else ""
    return DemoFile(named, content_type, content, cid)


def _receipt(slots: Slots, random: Random, at: datetime) -> bytes:
    lines = [
        "PAYMENT CONFIRMATION",
        "",
        f"Date             {at:%Y-%m-%d}",
        f"Reference        {slots['ref']}",
        f"Amount           {slots['eur']}",
        "Beneficiary      Pharos Exchange Demo Ltd.",
        f"Account          **** {random.randint(1000, 9999)}",
        "",
        "Executed. This document was made without a signature.",
    ]
    return pdf(lines)


def pdf(lines: list[str]) -> bytes:
    """Return a one-page PDF 1.4 (ISO 32000) with `lines` of Latin text in Courier."""
    shown = [line.encode("latin-1", "replace").decode("latin-1") for line in lines]
    escaped = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in shown]
    text = "BT /F1 12 Tf 16 TL 72 760 Td\n" + "\n".join(f"({line}) Tj T*" for line in escaped) + "\nET"
    stream = text.encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    ]
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 6\n0000000000 65535 f \n" + table + trailer


def _statement(slots: Slots, random: Random, at: datetime) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["time_utc", "pair", "side", "price", "quantity", "fee", "role"])
    moment = at - timedelta(days=2)
    price = float(slots["price"].replace(",", ""))
    for _ in range(random.randint(12, 60)):
        moment += timedelta(seconds=random.randint(5, 4000))
        price *= random.uniform(0.997, 1.003)
        quantity = random.uniform(0.01, 3)
        role = random.choice(("taker", "maker", "taker"))
        side = random.choice(("buy", "sell"))
        writer.writerow(
            [
                f"{moment:%Y-%m-%d %H:%M:%S}",
                slots["pair"],
                side,
                f"{price:.2f}",
                f"{quantity:.4f}",
                f"{price * quantity * 0.0008:.4f}",
                role,
            ]
        )
    return target.getvalue().encode()


def _console(slots: Slots, random: Random, at: datetime) -> bytes:
    moment = at - timedelta(minutes=20)
    said = (
        "INFO  client started, clock offset {n} ms",
        "INFO  GET /api/v3/time 200 in {n} ms",
        "WARN  session cookie refused: SameSite",
        "ERROR POST /api/v3/order 401 " + slots["errcode"],
        "INFO  retry {n} of 10000",
        "ERROR ChartView: font metrics out of range at 0x{n:04x}",
        "INFO  websocket closed 1006, reconnecting",
        "DEBUG symbol=" + slots["pair"] + " side=BUY type=LIMIT",
    )
    lines = []
    for _ in range(random.randint(14, 40)):
        moment += timedelta(milliseconds=random.randint(20, 9000))
        lines.append(
            f"{moment:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z " + random.choice(said).format(n=random.randint(8, 900))
        )
    return ("\n".join(lines) + "\n").encode()


def _har(slots: Slots, random: Random, at: datetime) -> bytes:
    entries = [
        {
            "startedDateTime": f"{at - timedelta(seconds=300 - number * 7):%Y-%m-%dT%H:%M:%S.000Z}",
            "time": random.randint(18, 420),
            "request": {
                "method": "POST",
                "url": "https://api.pharos.test/api/v3/order",
                "httpVersion": "HTTP/2",
                "headers": [{"name": "content-type", "value": "application/x-www-form-urlencoded"}],
                "queryString": [],
                "cookies": [],
            },
            "response": {
                "status": 401,
                "statusText": "Unauthorized",
                "content": {"text": json.dumps({"msg": slots["errcode"]})},
            },
        }
        for number in range(random.randint(4, 9))
    ]
    log = {"log": {"version": "1.2", "creator": {"name": "browser", "version": "132.0"}, "entries": entries}}
    return json.dumps(log, indent=1).encode()


_MAKERS = {"receipt_pdf": _receipt, "statement_csv": _statement, "console_txt": _console, "har": _har}


def kinds() -> frozenset[str]:
    """Return which files can be made beside the pictures."""
    return frozenset(_MAKERS)
