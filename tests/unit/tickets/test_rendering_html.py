"""Mail HTML as shown: every payload inert, ordinary mail intact, hostile input bounded."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from tests.corpus.xss import PAYLOADS
from tickets.rendering import content_security_policy, frame_document, safe_html
from tickets.rendering.html import ALLOWED_ATTRIBUTES, ALLOWED_TAGS
from tickets.rendering.styles import safe_style

OURS = "https://content.pharos.example/"
ADDED_BY_US = {"a": {"target", "rel", "data-other-host"}}
FORBIDDEN_IN_STYLE = re.compile(
    r"url|expression|import|position|\\|<|>|@|var\(|calc|attr|env|image|src|behavior|binding|\{|\}", re.IGNORECASE
)


def image_source(reference: str) -> str | None:
    return OURS + "part/1" if reference.startswith("cid:") else None


def shown(html: str) -> str:
    return safe_html(html, image_source=image_source, allow_remote_images=False).html


class _Inspector(HTMLParser):
    """Collects everything in the result that is not plainly allowed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.seen: list[object] = []  # everything, in order; nh3 orders the attributes of a tag by chance
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ALLOWED_TAGS:
            self.faults.append(f"tag {tag}")
        allowed = ALLOWED_ATTRIBUTES["*"] | ALLOWED_ATTRIBUTES.get(tag, frozenset()) | ADDED_BY_US.get(tag, set())
        for name, value in attrs:
            if name not in allowed or name.startswith("on"):
                self.faults.append(f"attribute {tag}.{name}")
            self._check_value(name, value or "")
        if tag == "a" and dict(attrs).get("rel") != "noopener noreferrer nofollow":
            self.faults.append("a without rel")

    def _check_value(self, name: str, value: str) -> None:
        if name == "href" and urlsplit(value).scheme not in {"http", "https", "mailto", "tel"}:
            self.faults.append(f"href {value}")
        if name == "src" and not value.startswith(OURS):
            self.faults.append(f"src {value}")
        if name == "style" and FORBIDDEN_IN_STYLE.search(value):
            self.faults.append(f"style {value}")

    def handle_endtag(self, tag: str) -> None:
        self.seen.append("/" + tag)

    def handle_data(self, data: str) -> None:
        self.seen.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"instruction {data}")


@pytest.mark.attack("B1")
def test_payloads__number__is_at_least_200() -> None:
    assert len(set(PAYLOADS)) >= 200


@pytest.mark.positive_control("B1")
def test_inspector__planted_faults__are_seen() -> None:
    planted = (
        '<script>1</script><p onclick=1 style="background:url(x)"><a href="javascript:1">x</a><img src="/x"><!-- c -->'
    )
    assert len(_Inspector(planted).faults) == 7


@pytest.mark.attack("B1")
@pytest.mark.parametrize("payload", PAYLOADS)
def test_safe_html__payload__is_inert(payload: str) -> None:
    assert _Inspector(shown(payload)).faults == []


@pytest.mark.attack("B1")
@pytest.mark.parametrize(
    "around",
    [
        "<table><tr><td>{}</td></tr></table>",
        "<p title='{}'>",
        "<svg>{}",
        "<math><mtext>{}",
        "<noscript>{}",
        "<style>{}",
        "<select>{}",
        "<!--{}",
    ],
)
def test_safe_html__payload_inside_other_markup__is_inert(around: str) -> None:
    faults = {payload: _Inspector(shown(around.replace("{}", payload))).faults for payload in PAYLOADS}
    assert {payload: found for payload, found in faults.items() if found} == {}


@pytest.mark.attack("B1")
@pytest.mark.parametrize("payload", PAYLOADS)
def test_safe_html__its_own_result__does_not_mutate(payload: str) -> None:
    once = safe_html(payload, image_source=lambda reference: OURS, allow_remote_images=True).html
    twice = safe_html(once, image_source=lambda reference: OURS, allow_remote_images=True).html
    assert _Inspector(twice).seen == _Inspector(once).seen


def test_safe_html__all_payloads_at_once__are_inert() -> None:
    assert _Inspector(shown("\n".join(PAYLOADS))).faults == []


def test_safe_html__ordinary_mail__keeps_its_shape() -> None:
    mail = (
        '<div style="font-family: Arial; color: #333"><h2>Hello</h2><table border="0" cellpadding="4" bgcolor="#fff"><tbody><tr>'
        '<td style="padding:4px 8px;text-align:right" colspan="2">1.5&nbsp;BTC</td></tr></tbody></table>'
        '<ul><li>a</li></ul><img src="cid:logo@mail" alt="Logo" width="120"><br>'
        '<a href="https://pharos.example/x?a=1&amp;b=2">open</a></div>'
    )
    expected = (
        '<div style="font-family:Arial;color:#333"><h2>Hello</h2><table border="0" cellpadding="4" bgcolor="#fff"><tbody><tr>'
        '<td style="padding:4px 8px;text-align:right" colspan="2">1.5&nbsp;BTC</td></tr></tbody></table>'
        '<ul><li>a</li></ul><img src="https://content.pharos.example/part/1" alt="Logo" width="120"><br>'
        '<a href="https://pharos.example/x?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow">open</a></div>'
    )
    assert _Inspector(shown(mail)).seen == _Inspector(expected).seen


@pytest.mark.attack("B2")
def test_safe_html__remote_images__are_counted_and_left_out() -> None:
    html = '<img src="https://a.example/1.png"><img src="http://b.example/2.gif"><img src="cid:x"><img src="/y">'
    result = safe_html(html, image_source=image_source, allow_remote_images=False)
    assert result.blocked_remote_images == 2
    assert "example/1.png" not in result.html
    assert result.html.count(OURS) == 1


@pytest.mark.attack("B2")
def test_safe_html__remote_images_allowed__come_through_our_origin_only() -> None:
    asked: list[str] = []

    def proxy(reference: str) -> str | None:
        asked.append(reference)
        return None if "broken" in reference else OURS + "proxy/1"

    html = '<img src="https://a.example/1.png"><img src="https://broken.example/2.png"><img src="cid:Logo@x">'
    result = safe_html(html, image_source=proxy, allow_remote_images=True)
    assert asked == ["https://a.example/1.png", "https://broken.example/2.png", "cid:Logo@x"]
    assert result.blocked_remote_images == 1
    assert result.html.count(OURS) == 2
    assert "a.example" not in result.html


@pytest.mark.parametrize(
    ("href", "text", "is_flagged"),
    [
        ("https://evil.example/login", "https://pharos.example/login", True),
        ("https://evil.example/", "pharos.example", True),
        ("https://evil.example/", "www.<b>pharos</b>.example", True),
        ("https://pharos.example.evil.example/", "pharos.example", True),
        ("https://pharos.example@evil.example/", "https://pharos.example", True),
        ("https://xn--phros-esa.example/", "pharos.example", True),
        ("https://pharos.example/a", "https://pharos.example/b", False),
        ("https://help.pharos.example/", "pharos.example", False),
        ("https://www.pharos.example/", "pharos.example", False),
        ("https://pharos.example/", "open your account", False),
        ("https://pharos.example/", "statement.pdf", False),
        ("https://pharos.example/", "", False),
        ("mailto:help@pharos.example", "help@pharos.example", False),
    ],
)
def test_safe_html__link_text_naming_a_host__is_flagged_when_it_lies(href: str, text: str, is_flagged: bool) -> None:
    assert ("data-other-host" in shown(f'<a href="{href}">{text}</a>')) is is_flagged


def test_safe_html__forged_flag__is_removed() -> None:
    assert "data-other-host" not in shown('<a data-other-host="" href="https://x.example/">hi</a>')


@pytest.mark.attack("B8")
@pytest.mark.timeout(120)  # quadratic work would take minutes
@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<div>" * 5_000 + "visible", "visible"),
        ("<div>" * 200_000 + "visible", "visible"),
        ("<" * 250_000 + "visible", "visible"),
        ("&" * 1_000_000 + "visible", "visible"),
        ("<a" * 100_000 + "visible", "visible"),
        ("visible" + "<!--" * 60_000, "visible"),
        ("<b><i><u><font color=red>" * 3_000 + "visible", "visible"),
        ("".join(f"<font size={n}><p>" for n in range(3_000)) + "visible", "visible"),
        ("<table>" * 3_000 + "visible", "visible"),
        ("<p style='" + "color:red;" * 25_000 + "'>visible", "visible"),
        ("<a href='" * 25_000 + "visible", "visible"),
        ("<a href=https://x.example>" + "a-a." * 60_000 + "visible</a>", "visible"),
        ("<p " + " ".join(f"a{n}" for n in range(350_000)) + ">visible", "visible"),
        ("<svg><style><!--" * 10_000 + "</style></svg>visible", ""),
        ("visible<a href='x", "visible"),
        ("before <b title='never closed> visible", "visible"),
    ],
)
def test_safe_html__hostile_size__is_bounded_and_keeps_the_message(html: str, kept: str) -> None:
    result = shown(html)
    assert kept in result
    assert _Inspector(result[:200_000].rpartition("<")[0]).faults == []


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("color:red", "color:red"),
        ("COLOR : Red ; width:100% !important", "color:Red;width:100%"),
        ("color:rgb(1, 2, 3);background:#fff", "color:rgb(1, 2, 3);background:#fff"),
        ("font:bold 12px/1.5 Arial,sans-serif", "font:bold 12px/1.5 Arial,sans-serif"),
        ("color:red;background:url(x);margin:0 auto", "color:red;margin:0 auto"),
        ("display:flex;display:block", "display:block"),
        ("position:fixed", ""),
        ("width:999999px", ""),
        ("color:red" * 1_000, ""),
        ("", ""),
    ],
)
def test_safe_style__declarations__are_filtered(style: str, expected: str) -> None:
    assert safe_style(style) == expected


def test_content_security_policy__origins__gives_the_exact_policy() -> None:
    assert content_security_policy("https://content.example", "https://desk.example:8443") == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src https://content.example; "
        "sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors https://desk.example:8443; "
        "base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize(
    "origin", ["*", "https://x.example/", "https://x.example; script-src *", "x.example", "https://x y"]
)
def test_content_security_policy__no_origin__is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="not an origin"):
        content_security_policy(origin, "https://desk.example")
    with pytest.raises(ValueError, match="not an origin"):
        content_security_policy("https://content.example", origin)


def test_frame_document__parts__are_whole_and_escaped() -> None:
    document = frame_document(
        "<p>hi</p>", language='en"><script>', title="</title><script>1</script>", color_scheme="dark"
    )
    assert document.startswith(
        '<!doctype html>\n<html lang="en&quot;&gt;&lt;script&gt;">\n<head>\n<meta charset="utf-8">'
    )
    assert "<script" not in document
    assert ":root{color-scheme:dark}" in document
    assert "<p>hi</p>\n</body>" in document
    with pytest.raises(ValueError, match="not a colour scheme"):
        frame_document("", color_scheme="red}*{")
