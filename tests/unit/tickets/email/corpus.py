"""Mails as the world sends them, built in code: each entry is (name, bytes) for the tests beside this file."""

import base64
import quopri
import struct
from collections.abc import Callable, Mapping
from functools import partial

CRLF = "\r\n"
Builder = Callable[[], bytes]
READABLE: dict[str, Builder] = {}
QUARANTINED: dict[str, tuple[str, Builder]] = {}


def readable(builder: Builder) -> Builder:
    READABLE[builder.__name__] = builder
    return builder


def quarantined(reason: str) -> Callable[[Builder], Builder]:
    def register(builder: Builder) -> Builder:
        QUARANTINED[builder.__name__] = (reason, builder)
        return builder

    return register


def mail(
    body: bytes | str = "Hello",
    *,
    headers: Mapping[str, str | bytes] | None = None,
    extra: list[tuple[str, str | bytes]] | None = None,
) -> bytes:
    """A message with sensible defaults; a header given as None-like '' is left out, bytes go in raw."""
    fields: dict[str, str | bytes] = {
        "From": "Li Wei <li.wei@customer.example>",
        "To": "support@pharos.example",
        "Subject": "Withdrawal pending",
        "Date": "Mon, 23 Nov 2026 10:31:44 +0800",
        "Message-ID": "<m1@customer.example>",
        "MIME-Version": "1.0",
    }
    fields.update(headers or {})
    lines = b""
    for name, value in [*fields.items(), *(extra or [])]:
        if value:
            raw = value if isinstance(value, bytes) else value.encode()
            lines += name.encode() + b": " + raw + b"\r\n"
    return lines + b"\r\n" + (body if isinstance(body, bytes) else body.encode())


def text(body: bytes, charset: str, *, encoding: str = "8bit", **headers: str | bytes) -> bytes:
    payload = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(encoding, bytes)(body)
    return mail(
        payload,
        headers={
            "Content-Type": f"text/plain; charset={charset}",
            "Content-Transfer-Encoding": encoding,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        },
    )


def part(content_type: str, body: bytes | str, **headers: str) -> bytes:
    lines = [f"Content-Type: {content_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    raw = body if isinstance(body, bytes) else body.encode()
    return CRLF.join(lines).encode() + b"\r\n\r\n" + raw


def multipart(kind: str, *parts: bytes, boundary: str = "=_b", closed: bool = True, **params: str) -> bytes:
    """The Content-Type header and the body of a multipart, as one part."""
    more = "".join(f'; {name.replace("_", "-")}="{value}"' for name, value in params.items())
    body = b"".join(b"--" + boundary.encode() + b"\r\n" + each + b"\r\n" for each in parts)
    end = b"--" + boundary.encode() + b"--\r\n" if closed else b""
    return part(f'multipart/{kind}; boundary="{boundary}"{more}', b"preamble\r\n" + body + end)


def whole(entity: bytes, **headers: str | bytes) -> bytes:
    """A message whose MIME header and body are ``entity``."""
    head = mail(b"", headers={name.replace("_", "-"): value for name, value in headers.items()})
    return head[:-2] + entity


PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
CHINESE = "您好，我的提现一直没有到账，请帮忙查询一下。谢谢！"
TRADITIONAL = "您好，我的提領一直沒有到帳，請幫忙查詢一下。謝謝！"
JAPANESE = "出金がまだ届いていません。確認をお願いします。"
RUSSIAN = "Здравствуйте, вывод средств не пришёл. Помогите, пожалуйста."
KOREAN = "안녕하세요, 출금이 아직 도착하지 않았습니다."


# --- charsets -------------------------------------------------------------------------------------------------------
def _charset(name: str, sample: str, codec: str, label: str, encoding: str) -> None:
    def build() -> bytes:
        return text(sample.encode(codec), label, encoding=encoding)

    build.__name__ = name
    CHARSETS[name] = (build, sample)
    READABLE[name] = build


CHARSETS: dict[str, tuple[Builder, str]] = {}
for _name, _sample, _codec, _label, _encoding in [
    ("utf8_8bit", CHINESE, "utf-8", "utf-8", "8bit"),
    ("utf8_base64", CHINESE, "utf-8", '"UTF-8"', "base64"),
    ("utf8_qp", CHINESE, "utf-8", "UTF8", "quoted-printable"),
    ("utf16_with_mark", CHINESE, "utf-16", "utf-16", "base64"),
    ("gb2312_label_gbk_bytes", CHINESE + "镕喆", "gbk", "gb2312", "base64"),
    ("gb18030_four_bytes", CHINESE + "𠮷", "gb18030", "gb18030", "8bit"),
    ("gbk_x_label", CHINESE, "gbk", "x-gbk", "quoted-printable"),
    ("hz", "您好，提现失败", "hz", "hz-gb-2312", "7bit"),
    ("big5", TRADITIONAL, "big5", "big5", "base64"),
    ("iso_2022_jp", JAPANESE, "iso2022_jp", "iso-2022-jp", "7bit"),
    ("shift_jis", JAPANESE, "cp932", "Shift_JIS", "base64"),
    ("euc_jp", JAPANESE, "euc_jp", "euc-jp", "8bit"),
    ("euc_kr", KOREAN, "cp949", "ks_c_5601-1987", "base64"),
    ("koi8_r", RUSSIAN, "koi8-r", "KOI8-R", "8bit"),
    ("windows_1251", RUSSIAN, "cp1251", "windows-1251", "quoted-printable"),
    ("windows_1252_as_latin1", "Où est mon dépôt ? “5 €”", "cp1252", "iso-8859-1", "quoted-printable"),
    ("iso_8859_2", "Prosím pomoc, žluťoučký kůň", "iso8859-2", "iso-8859-2", "8bit"),
    ("windows_1254", "Çekim işlemi beklemede, şikayet", "cp1254", "windows-1254", "8bit"),
    ("windows_1256", "لم يصل السحب بعد", "cp1256", "windows-1256", "base64"),
    ("windows_874", "ยังไม่ได้รับเงิน", "cp874", "tis-620", "base64"),
    ("windows_1258", "Chào bạn", "utf-8", "utf-8", "8bit"),
    ("utf8_mislabelled_latin1", CHINESE, "utf-8", "iso-8859-1", "8bit"),
    ("utf8_mislabelled_ascii", CHINESE, "utf-8", "us-ascii", "8bit"),
    ("utf8_mislabelled_gbk", "Grüße — vielen Dank für die schnelle Hilfe, schöne Grüße", "utf-8", "gb2312", "8bit"),
    ("gbk_mislabelled_utf8", CHINESE, "gbk", "utf-8", "8bit"),
    ("koi8_mislabelled_ascii", RUSSIAN, "koi8-r", "us-ascii", "8bit"),
    ("unknown_label_utf8", CHINESE, "utf-8", "x-does-not-exist", "8bit"),
    ("unknown_label_gbk", CHINESE, "gbk", "unknown-8bit", "base64"),
    ("codec_that_is_no_charset", CHINESE, "utf-8", "rot13", "8bit"),
    ("codec_zlib", "plain words", "ascii", "zlib_codec", "7bit"),
]:
    _charset(_name, _sample, _codec, _label, _encoding)


# --- headers --------------------------------------------------------------------------------------------------------
@readable
def subject_split_within_character() -> bytes:
    raw = "提现失败".encode()
    words = [f"=?utf-8?B?{base64.b64encode(raw[i : i + 4]).decode()}?=" for i in range(0, len(raw), 4)]
    return mail(headers={"Subject": "\r\n ".join(words)})


@readable
def subject_raw_gbk() -> bytes:
    return text(CHINESE.encode("gbk"), "gb2312", Subject="关于提现的问题".encode("gbk"))


@readable
def subject_raw_utf8() -> bytes:
    return mail(headers={"Subject": "关于提现的问题".encode()})


@readable
def subject_with_controls() -> bytes:
    return mail(headers={"Subject": "=?utf-8?Q?pay=0D=0ABcc:_x=40y.z_=E2=80=AEfdp.exe=E2=80=8B_=00end?="})


@readable
def subject_missing_and_duplicate_to() -> bytes:
    return mail(headers={"Subject": ""}, extra=[("To", "second@pharos.example")])


@readable
def sender_idn() -> bytes:
    return mail(headers={"From": "=?gb2312?B?wO7OsA==?= <Li@B\u00dcCHER.example>".encode()})


@readable
def sender_unquoted_dots_and_comma() -> bytes:
    return mail(headers={"From": "Smith, John Q. <john@customer.example>"})


@readable
def sender_name_equals_address() -> bytes:
    return mail(headers={"From": "li.wei@customer.example <li.wei@customer.example>"})


@readable
def sender_name_holds_other_address() -> bytes:
    return mail(headers={"From": '"support@pharos.example" <evil@attacker.example>'})


@readable
def recipients_of_every_kind() -> bytes:
    return mail(
        headers={"To": "undisclosed-recipients:;", "Cc": 'Team: a@x.example, "B, b" <b@x.example>;, broken@@x'},
        extra=[
            ("Delivered-To", "support+abc@pharos.example"),
            ("X-Original-To", "help@pharos.example"),
            ("Envelope-To", "support+abc@pharos.example"),
            ("Reply-To", "Other <other@elsewhere.example>"),
        ],
    )


@readable
def threading_headers() -> bytes:
    return mail(
        headers={
            "In-Reply-To": "<two@x.example> (from Monday)",
            "References": "<one@x.example>\r\n\t<two@x.example> <one@x.example>",
            "Message-ID": "bare@x.example",
        }
    )


@readable
def mbox_from_line() -> bytes:
    return b"From li.wei@customer.example Mon Nov 23 10:31:44 2026\r\n" + mail()


@readable
def bare_lf() -> bytes:
    return mail("one\r\ntwo").replace(b"\r\n", b"\n")


@readable
def bare_cr() -> bytes:
    return mail("one\r\ntwo").replace(b"\r\n", b"\r")


@readable
def no_body() -> bytes:
    return mail("").rstrip()


@readable
def date_nonsense() -> bytes:
    return mail(headers={"Date": "Thu, 99 Foo 99999 99:99:99 +9999"})


# --- bodies ---------------------------------------------------------------------------------------------------------
@readable
def alternative() -> bytes:
    return whole(multipart("alternative", part("text/plain", "plain words"), part("text/html", "<p>rich words</p>")))


@readable
def alternative_plain_blank() -> bytes:
    return whole(multipart("alternative", part("text/plain", " \r\n"), part("text/html", "<p>rich<br>words</p>")))


@readable
def html_only() -> bytes:
    markup = "<style>p{color:red}</style><p>Dear team,</p><ul><li>one</li><li>two</li></ul><a href='https://x'>l</a>"
    return mail(markup, headers={"Content-Type": "text/html; charset=utf-8"})


@readable
def html_charset_in_meta() -> bytes:
    markup = f'<html><head><meta charset="gbk"></head><body>{CHINESE}</body></html>'
    return mail(markup.encode("gbk"), headers={"Content-Type": "text/html"})


@readable
def related_inline_image() -> bytes:
    image = part(
        "image/png; name=logo.png", base64.encodebytes(PIXEL), Content_ID="<logo@x>", Content_Transfer_Encoding="base64"
    )
    letter = multipart(
        "alternative", part("text/plain", "see"), part("text/html", '<img src="cid:logo@x">'), boundary="in"
    )
    return whole(multipart("related", letter, image, boundary="out"))


@readable
def mixed_with_attachments() -> bytes:
    pdf = part(
        "application/pdf",
        base64.encodebytes(b"%PDF-1.7 x"),
        Content_Disposition="attachment; filename*0*=utf-8''%E5%87%AD; filename*1*=%E8%AF%81.pdf",
        Content_Transfer_Encoding="base64",
    )
    csv = part("text/csv", "a,b", Content_Disposition='attachment; filename="=?gb2312?B?tqm1pS5jc3Y=?="')
    return whole(multipart("mixed", part("text/plain", "two files"), pdf, csv))


@readable
def apple_mixed_in_alternative() -> bytes:
    inner = multipart(
        "mixed", part("text/html", "<p>above</p>"), part("application/pdf", "%PDF"), part("text/html", "<p>below</p>"),
        boundary="in",
    )  # fmt: skip
    return whole(multipart("alternative", part("text/plain", "above below"), inner, boundary="out"))


@readable
def hostile_filenames() -> bytes:
    names = [
        "../../etc/passwd",
        "\u200b.htaccess",
        "CON",
        "invoice\u202efdp.exe",
        "a\x00b.php. ",
        "..%2f..%2fx.sh",
        " . ",
    ]
    files = [
        part("application/octet-stream", "x", Content_Disposition=f"attachment; filename*=utf-8''{_percent(name)}")
        for name in names
    ]
    return whole(multipart("mixed", part("text/plain", "files"), *files))


def _percent(name: str) -> str:
    return "".join(f"%{byte:02X}" for byte in name.encode())


@readable
def boundary_missing() -> bytes:
    entity = multipart("mixed", part("text/plain", "found anyway"), part("application/pdf", "%PDF"))
    return whole(entity.replace(b'; boundary="=_b"', b""))


@readable
def boundary_wrong() -> bytes:
    entity = multipart("mixed", part("text/plain", "found anyway"))
    return whole(entity.replace(b'boundary="=_b"', b'boundary="other"'))


@readable
def boundary_never_used() -> bytes:
    return mail("just words", headers={"Content-Type": "multipart/mixed; boundary=zzz"})


@readable
def boundary_not_closed() -> bytes:
    return whole(multipart("mixed", part("text/plain", "first"), part("text/plain", "second"), closed=False))


@readable
def boundary_shared_with_inner() -> bytes:
    inner = multipart("alternative", part("text/plain", "inner words"), boundary="same")
    return whole(multipart("mixed", inner, part("text/plain", "outer words"), boundary="same"))


@readable
def empty_parts() -> bytes:
    return whole(multipart("mixed", b"", part("text/plain", ""), part("text/plain", "words"), b"\r\n"))


@readable
def multipart_base64() -> bytes:
    inner = multipart("mixed", part("text/plain", "inside"), boundary="in")
    body = base64.encodebytes(inner.split(b"\r\n\r\n", 1)[1])
    return mail(body, headers={"Content-Type": "multipart/mixed; boundary=in", "Content-Transfer-Encoding": "base64"})


@readable
def damaged_base64() -> bytes:
    body = base64.b64encode(b"the text survives") + b"!\r\nA"
    return mail(body, headers={"Content-Type": "text/plain", "Content-Transfer-Encoding": "base64"})


@readable
def unknown_transfer_encoding() -> bytes:
    return mail("as it is", headers={"Content-Transfer-Encoding": "x-klingon"})


@readable
def content_type_nonsense() -> bytes:
    return mail("still text", headers={"Content-Type": "text"})


@readable
def uuencoded() -> bytes:
    return mail("see file\nbegin 644 note.txt\n#0V%T\n`\nend\nbye\n")


@readable
def flowed() -> bytes:
    body = "This is a soft \r\nwrapped line.\r\n\r\n> quoted soft \r\n> line\r\n-- \r\nLi\r\n"
    return mail(body, headers={"Content-Type": "text/plain; format=flowed; charset=utf-8"})


@readable
def flowed_delsp() -> bytes:
    return mail(
        "提现 \r\n失败\r\n".encode(), headers={"Content-Type": "text/plain; format=flowed; delsp=yes; charset=utf-8"}
    )


@readable
def nul_and_controls() -> bytes:
    return mail(b"a\x00b\x07c")


@readable
def text_attachment_is_no_letter() -> bytes:
    log = part("text/plain; name=log.txt", "log lines", Content_Disposition="attachment; filename=log.txt")
    return whole(multipart("mixed", part("text/plain", "see log"), log))


@readable
def signed_pgp() -> bytes:
    signature = part("application/pgp-signature; name=signature.asc", "-----BEGIN PGP SIGNATURE-----")
    return whole(multipart("signed", part("text/plain", "signed words"), signature))


@readable
def smime_opaque() -> bytes:
    return mail("MIAGCSqGSIb3", headers={"Content-Type": "application/pkcs7-mime; name=smime.p7m"})


CALENDAR = CRLF.join(
    ["BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VTIMEZONE", "TZID:Asia/Shanghai", "END:VTIMEZONE", "BEGIN:VEVENT",
     "SUMMARY:Call about\\, the", "  withdrawal",
     "DTSTART;TZID=Asia/Shanghai:20261124T100000", "DTEND:20261124T023000Z",
     "ORGANIZER;CN=Li:mailto:li.wei@customer.example", "END:VEVENT", "END:VCALENDAR"]
)  # fmt: skip


@readable
def calendar() -> bytes:
    invite = part("text/calendar; method=REQUEST; charset=utf-8", CALENDAR)
    return whole(multipart("alternative", part("text/plain", "invited"), invite))


@readable
def forwarded_rfc822() -> bytes:
    inner = mail("the forwarded words", headers={"Subject": "=?utf-8?B?5o+Q546w?=", "Message-ID": "<inner@x.example>"})
    return whole(multipart("mixed", part("text/plain", "see below"), part("message/rfc822", inner)))


@readable
def forwarded_with_hidden_utf7() -> bytes:
    inner = text(b"+ADw-script+AD4-", "utf-7")
    return whole(multipart("mixed", part("text/plain", "see below"), part("message/rfc822", inner)))


@readable
def digest() -> bytes:
    inner = b"\r\n" + mail("one")
    return whole(multipart("digest", inner, b"\r\n" + mail("two")))


def tnef_bytes() -> bytes:
    def piece(level: int, name: int, kind: int, data: bytes) -> bytes:
        return struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)

    return (
        b"\x78\x9f\x3e\x22\x01\x00"
        + piece(1, 0x9007, 6, struct.pack("<II", 1252, 0))
        + piece(1, 0x800C, 2, b"body from outlook\x00")
        + piece(2, 0x9002, 6, b"\x00" * 14)
        + piece(2, 0x8010, 1, b"report.txt\x00")
        + piece(2, 0x800F, 6, b"file content")
    )


@readable
def tnef() -> bytes:
    envelope = part(
        "application/ms-tnef; name=winmail.dat", base64.encodebytes(tnef_bytes()), Content_Transfer_Encoding="base64"
    )
    return whole(multipart("mixed", part("text/plain", ""), envelope))


@readable
def tnef_broken() -> bytes:
    envelope = part("application/ms-tnef", base64.encodebytes(tnef_bytes()[:40]), Content_Transfer_Encoding="base64")
    return whole(multipart("mixed", part("text/plain", "words"), envelope))


# --- what must be quarantined ---------------------------------------------------------------------------------------
def _from(value: str | bytes) -> bytes:
    return mail(headers={"From": value})


for _name, _reason, _value in [
    ("from_absent", "from_missing", ""),
    ("from_empty_angle", "from_missing", "Nobody <>"),
    ("from_two_addresses", "from_several", "a@good.example, b@evil.example"),
    ("from_address_before_address", "from_ambiguous", "a@good.example <b@evil.example>"),
    ("from_two_side_by_side", "from_ambiguous", "a@good.example b@evil.example"),
    ("from_group_syntax", "from_group", "Friends: a@good.example;"),
    ("from_parseaddr_confusion", "from_syntax", "alice@good.example)bob@evil.example"),
    ("from_angle_twice", "from_ambiguous", "<a@good.example> <b@evil.example>"),
    ("from_angle_in_angle", "from_syntax", "<a@good.example<b@evil.example>>"),
    ("from_source_route", "from_syntax", "<@good.example:b@evil.example>"),
    ("from_comment_open", "from_syntax", "a@good.example (comment"),
    ("from_quote_open", "from_syntax", '"a@good.example <b@evil.example>'),
    ("from_quoted_local_with_at", "from_syntax", '"b@evil.example>"@good.example'),
    ("from_comment_inside", "from_syntax", "a@good(comment).example"),
    ("from_no_domain", "from_missing", "someone"),
    ("from_domain_literal", "from_syntax", "a@[10.0.0.1]"),
    ("from_zero_width", "from_hidden_characters", "a\u200bb@good.example"),
    ("from_right_to_left", "from_hidden_characters", "a@good\u202e.example"),
    ("from_nul", "from_hidden_characters", "a@good.example\x00b"),
    ("from_encoded_local", "from_encoded_address", "<=?utf-8?q?a?=@good.example>"),
    ("from_half_an_encoded_word", "from_encoded_address", "<=?a=@good.example>"),
    ("from_bad_label", "from_domain", "a@good..example"),
]:
    QUARANTINED[_name] = (_reason, partial(_from, _value))


@quarantined("from_twice")
def two_from_headers() -> bytes:
    return mail(extra=[("From", "evil@attacker.example")])


@quarantined("from_twice")
def second_from_with_blank_before_colon() -> bytes:
    return mail(extra=[("from ", "evil@attacker.example")])


@quarantined("utf7")
def utf7_body() -> bytes:
    return text(b"+ADw-script+AD4-", "utf-7")


@quarantined("utf7")
def utf7_by_another_name() -> bytes:
    return text(b"+ADw-script+AD4-", "unicode-1-1-utf-7")


@quarantined("utf7")
def utf7_in_meta() -> bytes:
    return mail('<meta charset="utf-7">+ADw-b+AD4-', headers={"Content-Type": "text/html"})


@quarantined("utf7")
def utf7_in_subject() -> bytes:
    return mail(headers={"Subject": "=?utf-7?Q?+ADw-b?="})


@quarantined("too_deep")
def thousand_deep() -> bytes:
    layers = b"".join(
        f'Content-Type: multipart/mixed; boundary="b{i}"\r\n\r\n--b{i}\r\n'.encode() for i in range(1_000)
    )
    return whole(layers + b"\r\nx")


@quarantined("too_deep")
def forty_deep() -> bytes:
    entity = part("text/plain", "x")
    for number in range(40):
        entity = multipart("mixed", entity, boundary=f"b{number}")
    return whole(entity)


@quarantined("too_many_parts")
def ten_thousand_parts() -> bytes:
    return whole(multipart("mixed", *[part("text/plain", "x")] * 10_000))


@quarantined("header_too_large")
def two_megabyte_header() -> bytes:
    return mail(headers={"X-Big": "a" * 2_000_000})


@quarantined("too_many_headers")
def three_thousand_fields() -> bytes:
    return mail(extra=[("X-N", "1")] * 3_000)


@quarantined("too_large_decoded")
def unpacks_too_large() -> bytes:
    return mail(b"a" * (61 * 1024 * 1024))


@quarantined("empty")
def nothing() -> bytes:
    return b"\r\n \r\n"
