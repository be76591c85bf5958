"""What a file is, judged by its content. A name is never trusted; it can only make a file more suspect."""

import json
import re
import zipfile
from dataclasses import dataclass
from io import BytesIO

import puremagic

UNKNOWN = "application/octet-stream"
_HEAD = 65_536
_JSON_LIMIT = 20_000_000
_ZIP_MEMBERS_LIMIT = 20_000
_PREVIEWABLE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(frozen=True, slots=True)
class SniffedType:
    """The media type by content; whether an image preview may be tried; whether and why the file is dangerous.

    `reason` is a short code, empty when there is nothing to say.
    """

    mime: str
    is_image_safe_to_preview: bool
    is_dangerous: bool
    reason: str


# Signatures whose meaning must not hang on a library's database: images that we decode, and what runs when opened.
_IMAGES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)
_EXECUTABLES = (
    (
        re.compile(rb"MZ(?=[^\x00]{0,126}\x00)", re.DOTALL),
        "application/vnd.microsoft.portable-executable",
        "windows_executable",
    ),
    (re.compile(rb"\x7fELF"), "application/x-executable", "elf_executable"),
    (
        re.compile(rb"(?:\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe)"),
        "application/x-mach-binary",
        "binary",
    ),
    (re.compile(rb"\x00asm"), "application/wasm", "wasm"),
    (re.compile(rb"dex\n\d{3}\x00"), "application/vnd.android.dex", "dex"),
    (re.compile(rb"L\x00\x00\x00\x01\x14\x02\x00"), "application/x-ms-shortcut", "shortcut"),
    (re.compile(rb"MSCF"), "application/vnd.ms-cab-compressed", "cabinet"),
    (re.compile(rb"ITSF"), "application/vnd.ms-htmlhelp", "html_help"),
    (re.compile(rb"#!"), "text/x-shellscript", "script"),
    (re.compile(rb"(?i)\s*<\?php"), "application/x-httpd-php", "script"),
    (re.compile(rb"(?i)\s*<%@?\s"), "text/x-server-page", "script"),
    (re.compile(rb"(?i)\s*@echo\s+(?:off|on)"), "application/x-bat", "script"),
)
# As a browser would sniff it (WHATWG MIME Sniffing, 7.1), and wider: what starts with a tag is taken for markup.
# Possessive and atomic groups: without them a file of nothing but comments takes forever.
_MARKUP_START = re.compile(
    r"(?:\s++|(?><!--.*?-->)|(?><\?xml.*?\?>)|(?><!doctype(?!\s+html)[^>]*+>))*+"
    r"<(?P<name>!doctype\s+html|[a-z][\w:.-]*+(?=[\s/>]|$))",
    re.IGNORECASE | re.DOTALL,
)
_XML_START = re.compile(r"\s*<(?:!doctype\s|\?xml)", re.IGNORECASE)
_SVG = re.compile(r"<(?:[\w-]{1,40}:)?svg[\s/>]|http://www\.w3\.org/2000/svg", re.IGNORECASE)
_HTML_TAGS = frozenset(
    [
        "!doctype",
        "html",
        "head",
        "body",
        "script",
        "iframe",
        "h1",
        "h2",
        "h3",
        "div",
        "font",
        "table",
        "a",
        "style",
        "title",
        "b",
        "br",
        "p",
        "img",
        "meta",
        "link",
        "form",
        "input",
        "object",
        "embed",
        "base",
        "video",
        "audio",
        "math",
        "template",
        "marquee",
        "details",
        "textarea",
        "button",
        "frameset",
        "noscript",
        "span",
        "center",
        "pre",
        "hta:application",
    ]
)
_ACTIVE_PDF = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")
_RUNNABLE_NAME = re.compile(
    r"\.(?:exe|com|scr|pif|msi|msp|mst|dll|cpl|sys|bat|cmd|ps[12]?m?1?|psc1|vbs?|vbe|jse?|mjs|wsf|wsh|ws|hta|"
    r"lnk|url|scf|inf|reg|jar|"
    r"class|app|dmg|pkg|deb|rpm|apk|ipa|sh|bash|zsh|csh|command|php\d?|pht|phtml|phar|phps|asp|aspx|ashx|asmx|"
    r"cer|jsp|jspx|cgi|pl|py[cw]?|"
    r"rb|svgz?|x?html?|shtml?|xht|xml|xslt?|mht|mhtml|swf|chm|hlp|iso|img|vhdx?|settingcontent-ms|library-ms|"
    r"one|docm|dotm|xlsm|xltm|xlam|"
    r"pptm|potm|ppam|ppsm|sldm|htaccess|htpasswd|user\.ini|appref-ms|application|gadget|xll|wll|ade|adp|mde|accde)$",
    re.IGNORECASE,
)
_PRINTABLE = bytes(byte for byte in range(256) if byte >= 0x20 or byte in b"\t\n\r\f\x1b")
_INVISIBLE = re.compile("[\x00-\x1f\u00ad\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff]")


def sniff(content: bytes, filename: str) -> SniffedType:
    """Judge `content`. `filename` can raise a warning, never lower one or name the type. Linear, no unpacking."""
    kind = _by_content(content)
    if not kind.is_dangerous and _RUNNABLE_NAME.search(_INVISIBLE.sub("", filename).strip().rstrip(". ")):
        return SniffedType(kind.mime, kind.is_image_safe_to_preview, is_dangerous=True, reason="runnable_name")
    return kind


def _by_content(content: bytes) -> SniffedType:
    if not content:
        return _plain(UNKNOWN, "empty")
    for signature, mime in _IMAGES:
        if signature.match(content):
            return SniffedType(mime, mime in _PREVIEWABLE, is_dangerous=False, reason="")
    for signature, mime, reason in _EXECUTABLES:
        if signature.match(content):
            return _dangerous(mime, reason)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(content)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _compound_file(content)
    if (pdf := content[:1024].find(b"%PDF-")) >= 0 and not content[:pdf].strip().startswith(b"<"):
        return _dangerous("application/pdf", "active_pdf") if _ACTIVE_PDF.search(content) else _plain("application/pdf")
    text = _as_text(content)
    if text is not None:
        return _text_type(text, content)
    return _by_signature(content)


def _archive(content: bytes) -> SniffedType:
    """Look at the names in a ZIP, never at what is packed."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError):
        return _dangerous("application/zip", "broken_archive")
    if len(names) > _ZIP_MEMBERS_LIMIT:
        return _dangerous("application/zip", "too_many_members")
    members = set(names)
    if "AndroidManifest.xml" in members or "classes.dex" in members:
        return _dangerous("application/vnd.android.package-archive", "package")
    if any(name.rpartition("/")[2].lower() in ("vbaproject.bin", "xl4macrosheet.bin") for name in names):
        return _dangerous("application/vnd.ms-office", "macros")
    if "[Content_Types].xml" in members:
        for folder, family in (
            ("word/", "wordprocessingml.document"),
            ("xl/", "spreadsheetml.sheet"),
            ("ppt/", "presentationml.presentation"),
        ):
            if any(name.startswith(folder) for name in names):
                return _plain(f"application/vnd.openxmlformats-officedocument.{family}")
    if "META-INF/MANIFEST.MF" in members and any(name.endswith(".class") for name in names):
        return _dangerous("application/java-archive", "package")
    if any(_RUNNABLE_NAME.search(name) for name in names):
        return _dangerous("application/zip", "runnable_member")
    return _plain("application/zip")


def _compound_file(content: bytes) -> SniffedType:
    """Office before 2007, Outlook messages, installers."""
    if any(mark.encode("utf-16-le") in content for mark in ("_VBA_PROJECT", "Macros", "VBA")):
        return _dangerous("application/x-ole-storage", "macros")
    for stream, mime in (
        ("WordDocument", "application/msword"),
        ("Workbook", "application/vnd.ms-excel"),
        ("PowerPoint Document", "application/vnd.ms-powerpoint"),
        ("__substg1.0_", "application/vnd.ms-outlook"),
    ):
        if stream.encode("utf-16-le") in content:
            return _plain(mime)
    return _dangerous("application/x-ole-storage", "unknown_compound")


def _as_text(content: bytes) -> str | None:
    """The head of the file as text, or None when it is binary."""
    head = content[:_HEAD]
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, errors="replace")
    if b"\x00" in head or head[:4096].translate(None, _PRINTABLE):
        # Text in UTF-16 without a mark would have a NUL in every other place; markup in it still renders somewhere.
        wide = head.replace(b"\x00", b"").decode("latin-1")
        return wide if _starts_markup(wide) else None
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError as error:
        return head.decode("utf-8", errors="replace") if error.start > len(head) - 4 else head.decode("latin-1")


def _starts_markup(text: str) -> bool:
    return _MARKUP_START.match(text) is not None


def _text_type(text: str, content: bytes) -> SniffedType:
    start = _MARKUP_START.match(text)
    if start is not None:
        return _markup_type(text, start.group("name").lower().split()[0])
    if _XML_START.match(text):
        return _dangerous("application/xml", "xml")
    if text.startswith("{\\rtf"):
        return (
            _dangerous("application/rtf", "embedded_object") if b"\\objdata" in content else _plain("application/rtf")
        )
    if text.startswith("BEGIN:VCALENDAR"):
        return _plain("text/calendar")
    return _plain("application/json" if _is_json(text, content) else "text/plain")


def _markup_type(text: str, name: str) -> SniffedType:
    if _SVG.search(text):
        return _dangerous("image/svg+xml", "svg")
    if name in _HTML_TAGS and not text.lstrip().lower().startswith("<?xml"):
        return _dangerous("text/html", "html")
    return _dangerous("application/xml", "xml")


def _is_json(text: str, content: bytes) -> bool:
    if text.lstrip()[:1] not in ("{", "[") or len(content) > _JSON_LIMIT:
        return False
    try:
        json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return True


def _by_signature(content: bytes) -> SniffedType:
    """The long tail (audio, video, archives), as far as a signature of four bytes or more says it."""
    if content.startswith(b"\x1f\x8b\x08"):
        return _plain("application/gzip")
    try:
        matches = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        return _plain(UNKNOWN)
    for match in matches:
        if match.confidence >= 0.4 and match.mime_type:
            mime = str(match.mime_type)
            # A signature alone never makes anything that a browser would run or lay out.
            is_active = any(word in mime for word in ("html", "xml", "script", "svg", "flash", "java"))
            return _dangerous(mime, "active_type") if is_active else _plain(mime)
    return _plain(UNKNOWN)


def _plain(mime: str, reason: str = "") -> SniffedType:
    return SniffedType(mime, is_image_safe_to_preview=False, is_dangerous=False, reason=reason)


def _dangerous(mime: str, reason: str) -> SniffedType:
    return SniffedType(mime, is_image_safe_to_preview=False, is_dangerous=True, reason=reason)
