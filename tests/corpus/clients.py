"""Replies as mail clients write them, in English and Chinese: the new words, the history, and how each is marked.

`{new}`, `{old}` and the names of people are filled in; a history in HTML and one in plain text for most clients.
"""

from typing import NamedTuple


class Style(NamedTuple):
    """How one client answers; `signature` is a line of its own that stays with the new words."""

    plain: str
    markup: str
    signature: str = ""


_OWA = (
    '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body dir="ltr">'
    '<div class="elementToProof" style="font-family: Aptos; font-size: 12pt;">{new}</div>{signature}'
    '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">'
    '<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">HEAD</font>'
    '<div>&nbsp;</div></div><div>{old}</div></body></html>'
)  # fmt: skip
_WORD = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office"><body lang="EN-US"><div class="WordSection1">'
    '<p class="MsoNormal">{new}<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div>'
    '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">HEAD'
    '<o:p></o:p></p></div></div><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">{old}<o:p></o:p></p>'
    '</div></body></html>'
)  # fmt: skip
_HEAD_EN = (
    "<b>From:</b> Pharos Support &lt;support@pharos.example&gt;<br><b>Sent:</b> Monday, November 23, 2026 10:31 AM<br>"
    "<b>To:</b> Li Wei &lt;li.wei@customer.example&gt;<br><b>Subject:</b> RE: Withdrawal"
)
_HEAD_ZH = (
    "<b>发件人:</b> Pharos Support &lt;support@pharos.example&gt;<br><b>发送时间:</b> 2026年11月23日 10:31<br>"
    "<b>收件人:</b> 李伟 &lt;li.wei@customer.example&gt;<br><b>主题:</b> 回复: 提现"
)
_PLAIN_EN = (
    "From: Pharos Support <support@pharos.example>\nSent: Monday, November 23, 2026 10:31 AM\n"
    "To: Li Wei <li.wei@customer.example>\nSubject: RE: Withdrawal\n\n{old}\n"
)
_PLAIN_ZH = (
    "发件人: Pharos Support <support@pharos.example>\n发送时间: 2026年11月23日 10:31\n"
    "收件人: 李伟 <li.wei@customer.example>\n主题: 回复: 提现\n\n{old}\n"
)
_RULE = "________________________________\n"
_GMAIL = (
    '<div dir="ltr">{new}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">HEAD'
    '<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)">'
    '<div dir="ltr">{old}</div></blockquote></div>'
)  # fmt: skip
_APPLE = (
    '<html><body style="overflow-wrap: break-word; -webkit-nbsp-mode: space;">{new}<br id="lineBreakAtBeginning">{signature}'
    '<div><br><blockquote type="cite"><div>HEAD</div><br class="Apple-interchange-newline"><div>{old}</div></blockquote>'
    '</div><br></body></html>'
)  # fmt: skip
_IPHONE = (
    '<html><body dir="auto">{new}<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{signature}</div>'
    '<div dir="ltr"><br><blockquote type="cite">HEAD<br><br></blockquote></div>'
    '<blockquote type="cite"><div dir="ltr">{old}</div></blockquote></body></html>'
)  # fmt: skip
_THUNDERBIRD = (
    '<html><body><p>{new}</p><div class="moz-cite-prefix">HEAD<br></div>'
    '<blockquote type="cite" cite="mid:1@pharos.example"><p>{old}</p></blockquote></body></html>'
)  # fmt: skip
_QQ = (
    '<div>{new}</div><div><br></div>{signature}<div style="font-size: 12px;font-family: Arial Narrow;padding:2px 0 2px 0;">'
    '------------------&nbsp;TITLE&nbsp;------------------</div>'
    '<div style="font-size: 12px;background:#efefef;padding:8px;">HEAD</div><div><br></div><div>{old}</div>'
)  # fmt: skip
_QQ_PLAIN = "{new}\n\n\n------------------&nbsp;TITLE&nbsp;------------------\nHEAD\n\n\n\n{old}"
_NETEASE = (
    '<div style="line-height:1.7;color:#000000;font-size:14px;font-family:Arial"><p style="margin:0;">{new}</p>'
    '<div style="position:relative;zoom:1"></div><div id="divNeteaseMailCard"></div><p style="margin:0;"><br></p>'
    '<pre>HEAD</pre><blockquote id="isReplyContent" style="PADDING-LEFT: 1ex; MARGIN: 0px 0px 0px 0.8ex">{old}'
    '</blockquote></div>'
)  # fmt: skip
_NETEASE_NEW = (
    '<div>{new}</div><div id="ntes-pcmac-signature"></div><div class="ntes-mailmaster-quote" style="margin-top: 1em">'
    '<div>---- TITLE ----</div><br><table width="100%"><tbody>ROWS</tbody></table><br><div>{old}</div></div>'
)  # fmt: skip
_FOXMAIL = (
    '<html><body style="font-size: 10.5pt;"><div>{new}</div><div><br></div>'
    '<hr style="WIDTH: 210px; HEIGHT: 1px" color="#b5c4df" size="1" align="left"><div>{signature}</div>'
    '<blockquote style="margin-Top: 0px; margin-Bottom: 0px; margin-Left: 0.5em"><div>&nbsp;</div>'
    '<div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
    '<div style="PADDING-RIGHT: 8px; PADDING-LEFT: 8px; FONT-SIZE: 12px;background:#efefef;">HEAD</div></div>'
    '<div><div>{old}</div></div></blockquote></body></html>'
)  # fmt: skip


def _divs(*rows: tuple[str, str]) -> str:
    return "".join(f"<div><b>{name}</b>&nbsp;{value}</div>" for name, value in rows)


def _table(*rows: tuple[str, str]) -> str:
    return "".join(f"<tr><td> {name} </td><td> {value} </td></tr>" for name, value in rows)


_ON_EN = "On Mon, Nov 23, 2026 at 10:31 AM Pharos Support <support@pharos.example> wrote:"
_ON_ZH = "Pharos Support <support@pharos.example> 于2026年11月23日周一 10:31写道："
_AT_EN = "On 23 Nov 2026, at 10:31, Pharos Support <support@pharos.example> wrote:"
_AT_ZH = "在 2026年11月23日，上午10:31，Pharos Support <support@pharos.example> 写道："
_MOZ_EN, _MOZ_ZH = "On 23/11/2026 10:31, Pharos Support wrote:", "在 2026/11/23 10:31, Pharos Support 写道:"
_NTES_EN = 'At 2026-11-23 10:31:44, "Pharos Support" <support@pharos.example> wrote:'
_NTES_ZH = '在 2026-11-23 10:31:44，"Pharos Support" <support@pharos.example> 写道：'
_FOX_EN = (("From:", "Pharos"), ("Date:", "2026-11-23&nbsp;10:31"), ("To:", "li.wei"), ("Subject:", "Re: Withdrawal"))
_FOX_ZH = (
    ("发件人：", "Pharos"),
    ("发送时间：", "2026-11-23&nbsp;10:31"),
    ("收件人：", "li.wei"),
    ("主题：", "Re: 提现"),
)
_CARD_EN = (
    ("From", "Pharos&lt;support@pharos.example&gt;"),
    ("Date", "11/23/2026 10:31"),
    ("To", "li.wei"),
    ("Subject", "Re"),
)
_CARD_ZH = (
    ("发件人", "Pharos&lt;support@pharos.example&gt;"),
    ("日期", "2026年11月23日 10:31"),
    ("收件人", "li"),
    ("主题", "Re"),
)
_ME = "li.wei@customer.example"


def _escaped(line: str) -> str:
    return line.replace("<", "&lt;").replace(">", "&gt;")


def _marked(head: str) -> str:
    return f"{{new}}\n\n{head}\n\n> {{old}}\n"


def _lines(rows: tuple[tuple[str, str], ...], form: str) -> str:
    return "\n".join(form.format(name, value.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">"))
                     for name, value in rows)  # fmt: skip


def _qq(title: str, *rows: tuple[str, str]) -> Style:
    head = "\n".join(f"{name}&nbsp;{value};" for name, value in rows)
    return Style(_QQ_PLAIN.replace("TITLE", title).replace("HEAD", head.replace("&lt;", "<").replace("&gt;", ">")),
                 _QQ.replace("TITLE", title).replace("HEAD", _divs(*rows)))  # fmt: skip


def _netease_card(title: str, rows: tuple[tuple[str, str], ...]) -> Style:
    return Style(f"{{new}}\n\n\n---- {title} ----\n{_lines(rows, '| {} | {} |')}\n\n{{old}}",
                 _NETEASE_NEW.replace("TITLE", title).replace("ROWS", _table(*rows)))  # fmt: skip


def _mobile(title: str, rows: tuple[tuple[str, str], ...], signature: str) -> Style:
    head = _lines(rows, "{} {}")
    return Style(f"{{new}}\n\n{signature}\n\n---{title}---\n{head}\n\n{{old}}",
                 f"<div>{{new}}</div><div><br></div><div>{signature}</div><div>---{title}---</div>{_divs(*rows)}<div>{{old}}</div>",
                 signature)  # fmt: skip


CLIENTS = {
    "outlook_desktop_en": Style("{new}\n\n" + _PLAIN_EN, _WORD.replace("HEAD", _HEAD_EN)),
    "outlook_desktop_zh": Style("{new}\n\n" + _PLAIN_ZH, _WORD.replace("HEAD", _HEAD_ZH)),
    "outlook_plain_en": Style("{new}\n\n-----Original Message-----\n" + _PLAIN_EN, ""),
    "outlook_plain_zh": Style("{new}\n\n-----邮件原件-----\n" + _PLAIN_ZH, ""),
    "outlook_web_en": Style("{new}\n" + _RULE + _PLAIN_EN, _OWA.replace("HEAD", _HEAD_EN)),
    "outlook_web_zh": Style("{new}\n" + _RULE + _PLAIN_ZH, _OWA.replace("HEAD", _HEAD_ZH)),
    "outlook_mobile_en": Style(
        "{new}\n\nGet Outlook for iOS\n" + _RULE + _PLAIN_EN, _OWA.replace("HEAD", _HEAD_EN), "Get Outlook for iOS"
    ),
    "outlook_mobile_zh": Style(
        "{new}\n\n获取 Outlook for Android\n" + _RULE + _PLAIN_ZH, _OWA.replace("HEAD", _HEAD_ZH), "获取 Outlook for Android"
    ),
    "gmail_en": Style(_marked(_ON_EN), _GMAIL.replace("HEAD", _escaped(_ON_EN))),
    "gmail_zh": Style(_marked(_ON_ZH), _GMAIL.replace("HEAD", _escaped(_ON_ZH))),
    "gmail_wrapped_en": Style(_marked(_ON_EN.replace("Support <", "Support <\n")), ""),
    "apple_mail_en": Style("{new}\n\n> " + _AT_EN + "\n> \n> {old}\n", _APPLE.replace("HEAD", _escaped(_AT_EN))),
    "apple_mail_zh": Style("{new}\n\n> " + _AT_ZH + "\n> \n> {old}\n", _APPLE.replace("HEAD", _escaped(_AT_ZH))),
    "iphone_en": Style("{new}\n\nSent from my iPhone\n\n> " + _AT_EN + "\n> \n> {old}\n",
                       _IPHONE.replace("HEAD", _escaped(_AT_EN)), "Sent from my iPhone"),
    "iphone_zh": Style("{new}\n\n发自我的 iPhone\n\n> " + _AT_ZH + "\n> \n> {old}\n",
                       _IPHONE.replace("HEAD", _escaped(_AT_ZH)), "发自我的 iPhone"),
    "thunderbird_en": Style(f"{{new}}\n\n{_MOZ_EN}\n> {{old}}\n", _THUNDERBIRD.replace("HEAD", _MOZ_EN)),
    "thunderbird_zh": Style(f"{{new}}\n\n{_MOZ_ZH}\n> {{old}}\n", _THUNDERBIRD.replace("HEAD", _MOZ_ZH)),
    "thunderbird_below_en": Style(
        f"{_MOZ_EN}\n> {{old}}\n\n{{new}}\n",
        f'<div class="moz-cite-prefix">{_MOZ_EN}<br></div><blockquote type="cite" cite="mid:1@x"><p>{{old}}</p></blockquote>'
        "<p>{new}</p>",
    ),
    "qq_en": _qq("Original", ("From:", '"Pharos"&lt;support@pharos.example&gt;'), ("Date:", "Mon, Nov 23, 2026 10:31 AM"),
                 ("To:", '"Li"&lt;li@qq.example&gt;'), ("Subject:", "Re: Withdrawal")),
    "qq_zh": _qq("原始邮件", ("发件人:", '"Pharos"&lt;support@pharos.example&gt;'), ("发送时间:", "2026年11月23日(星期一) 上午10:31"),
                 ("收件人:", '"李伟"&lt;li@qq.example&gt;'), ("主题:", "Re: 提现")),
    "qq_mobile_en": _mobile("Original", _FOX_EN, "Sent from my iPhone"),
    "qq_mobile_zh": _mobile("原始邮件", _FOX_ZH, "发自我的iPhone"),
    "netease_en": Style(f"{{new}}\n\n\n\n\n\n{_NTES_EN}\n>{{old}}\n", _NETEASE.replace("HEAD", _escaped(_NTES_EN))),
    "netease_zh": Style(f"{{new}}\n\n\n\n\n\n{_NTES_ZH}\n>{{old}}\n", _NETEASE.replace("HEAD", _escaped(_NTES_ZH))),
    "netease_card_en": _netease_card("Replied Message", _CARD_EN),
    "netease_card_zh": _netease_card("回复的原邮件", _CARD_ZH),
    "foxmail_en": Style(f"{{new}}\n\n\n\n{_ME}\n \n{_lines(_FOX_EN, '{} {}')}\n{{old}}",
                        _FOXMAIL.replace("HEAD", _divs(*_FOX_EN)), _ME),
    "foxmail_zh": Style(f"{{new}}\n\n\n\n{_ME}\n \n{_lines(_FOX_ZH, '{} {}')}\n{{old}}",
                        _FOXMAIL.replace("HEAD", _divs(*_FOX_ZH)), _ME),
}  # fmt: skip
