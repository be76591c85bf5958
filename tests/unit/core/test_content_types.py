"""File types by content: names never lower a suspicion."""

import io
import zipfile

import pytest
from PIL import Image

from core.content_types import sniff


def _zip(*names: str) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return output.getvalue()


def _image(kind: str) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (2, 2)).save(output, kind)
    return output.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
DANGEROUS = {
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="x">', "image/svg+xml", "svg"),
    "svg self-closing": (b"<svg/onload=alert(1)>", "image/svg+xml", "svg"),
    "svg prefixed": (b'<?xml version="1.0"?><s:svg xmlns:s="http://www.w3.org/2000/svg">', "image/svg+xml", "svg"),
    "svg behind a comment": (b"\xef\xbb\xbf <!-- x -->\n<!DOCTYPE svg><svg>", "image/svg+xml", "svg"),
    "html": (b"<!DOCTYPE html><p>", "text/html", "html"),
    "html script": (b"  <script>alert(1)</script>", "text/html", "html"),
    "html in utf-16": ("<html><script>".encode("utf-16"), "text/html", "html"),
    "html in utf-16 without mark": ("<html><script>".encode("utf-16-le"), "text/html", "html"),
    "xml": (
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>",
        "application/xml",
        "xml",
    ),
    "windows": (b"MZ\x90\x00\x03", "application/vnd.microsoft.portable-executable", "windows_executable"),
    "elf": (b"\x7fELF\x02", "application/x-executable", "elf_executable"),
    "mach-o": (b"\xcf\xfa\xed\xfe\x00", "application/x-mach-binary", "binary"),
    "shell": (b"#!/bin/sh\nid", "text/x-shellscript", "script"),
    "php": (b"\n<?php system($_GET[0]);", "application/x-httpd-php", "script"),
    "shortcut": (b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut", "shortcut"),
    "macros": (_zip("[Content_Types].xml", "word/vbaProject.bin"), "application/vnd.ms-office", "macros"),
    "apk": (_zip("AndroidManifest.xml", "classes.dex"), "application/vnd.android.package-archive", "package"),
    "zip with an executable": (_zip("a/invoice.pdf.exe"), "application/zip", "runnable_member"),
    "broken zip": (b"PK\x03\x04" + bytes(100), "application/zip", "broken_archive"),
    "old office with macros": (OLE + "_VBA_PROJECT".encode("utf-16-le"), "application/x-ole-storage", "macros"),
    "installer": (OLE, "application/x-ole-storage", "unknown_compound"),
    "pdf with script": (b"%PDF-1.7\n<</S/JavaScript/JS(x)>>", "application/pdf", "active_pdf"),
    "rtf with object": (b"{\\rtf1{\\object\\objdata 00}}", "application/rtf", "embedded_object"),
}
HARMLESS = {
    "png": (_image("PNG"), "image/png", True),
    "jpeg": (_image("JPEG"), "image/jpeg", True),
    "gif": (_image("GIF"), "image/gif", True),
    "webp": (_image("WEBP"), "image/webp", True),
    "pdf": (b"%PDF-1.7\nplain", "application/pdf", False),
    "text": (b"hello <script> in the middle", "text/plain", False),
    "text in gbk": ("中文测试".encode("gbk") * 9, "text/plain", False),
    "quoted address": (b"<ana@mail.example> wrote:", "text/plain", False),
    "text that starts with MZ": (b"MZ is my initials", "text/plain", False),
    "json": (b'{"log": {"entries": []}}', "application/json", False),
    "calendar": (b"BEGIN:VCALENDAR\r\n", "text/calendar", False),
    "docx": (
        _zip("[Content_Types].xml", "word/document.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        False,
    ),
    "xlsx": (
        _zip("[Content_Types].xml", "xl/workbook.xml"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        False,
    ),
    "zip": (_zip("a.txt"), "application/zip", False),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00", "application/gzip", False),
    "mp4": (b"\x00\x00\x00\x18ftypmp42" + bytes(40), "video/mp4", False),
    "7z": (b"7z\xbc\xaf'\x1c" + b"0" * 40, "application/x-7z-compressed", False),
    "noise": (bytes(range(128, 256)) + b"\x00\x01", "application/octet-stream", False),
    "empty": (b"", "application/octet-stream", False),
}


@pytest.mark.attack("C2")
@pytest.mark.parametrize("name", ["a.png", "a.txt", "", "a.pdf"])
@pytest.mark.parametrize(("content", "mime", "reason"), DANGEROUS.values(), ids=DANGEROUS.keys())
def test_sniff__dangerous_content__is_named_whatever_the_name(
    content: bytes, mime: str, reason: str, name: str
) -> None:
    kind = sniff(content, name)
    assert (kind.mime, kind.reason, kind.is_dangerous, kind.is_image_safe_to_preview) == (mime, reason, True, False)


@pytest.mark.parametrize(("content", "mime", "is_previewable"), HARMLESS.values(), ids=HARMLESS.keys())
def test_sniff__harmless_content__has_its_type(content: bytes, mime: str, is_previewable: bool) -> None:
    kind = sniff(content, "x.dat")
    assert (kind.mime, kind.is_dangerous, kind.is_image_safe_to_preview) == (mime, False, is_previewable)


@pytest.mark.parametrize(
    "name",
    [
        "x.exe",
        "x.PHP",
        "x.pht",
        ".htaccess",
        ".user.ini",
        "x.php\u200b",
        "x.php. .",
        "x\u202egpj.js",
        "x.svg",
        "x.docm",
        "x.lnk",
        "a.\u2008hta",
    ],
)
def test_sniff__runnable_name__raises_suspicion_and_keeps_the_type(name: str) -> None:
    kind = sniff(b"plain words", name)
    assert (kind.mime, kind.is_dangerous, kind.reason) == ("text/plain", True, "runnable_name")


@pytest.mark.attack("B8")
@pytest.mark.timeout(120)  # quadratic work would take minutes
@pytest.mark.parametrize(
    "unit",
    [b"<", b"<!--", b"<?xml ", b"<!doctype ", b" ", b"{", b"[", b"\x00", b"PK\x03\x04", b"%PDF-", b"<!-- -->", b"<a:"],
)
def test_sniff__much_of_one_thing__is_quick(unit: bytes) -> None:
    assert sniff(unit * (1_000_000 // len(unit)), "x").mime
