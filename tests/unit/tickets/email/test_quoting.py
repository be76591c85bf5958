"""Where a customer's new words end and the history begins, client by client."""

# ruff: noqa: Q003 -- quoted histories keep the lines their mail clients wrote

import pytest

from tests.unit.tickets.email import corpus
from tickets.channels.email.parse import parse
from tickets.channels.email.parse.quoting import fold

NEW = "Thank you, it works now."
NEW_CHINESE = "谢谢，已经到账了。"

HISTORIES = {
    "gmail": "On Mon, Nov 23, 2026 at 10:31 AM Pharos Support <support@pharos.example> wrote:\n\n> Please wait.\n> Maya",
    "gmail_wrapped": "On Mon, Nov 23, 2026 at 10:31 AM Pharos Support <\nsupport@pharos.example> wrote:\n\n> Please wait.",
    "gmail_chinese": "Pharos <support@pharos.example> 于2026年11月23日周一 10:31写道：\n\n> 请稍候。",
    "gmail_traditional": "Pharos <support@pharos.example> 於 2026年11月23日 週一 上午10:31寫道：\n\n> 請稍候。",
    "apple": "> On 23 Nov 2026, at 10:31, Pharos Support <support@pharos.example> wrote:\n> \n> Please wait.",
    "apple_chinese": "> 在 2026年11月23日，上午10:31，Pharos <support@pharos.example> 写道：\n> \n> 请稍候。",
    "apple_iphone_chinese": "在 2026年11月23日，上午10:31，Pharos <support@pharos.example> 写道：\n\n请稍候。",
    "outlook": (
        "________________________________\nFrom: Pharos Support <support@pharos.example>\n"
        "Sent: Monday, November 23, 2026 10:31 AM\nTo: Li Wei\nSubject: RE: Withdrawal\n\nPlease wait."
    ),
    "outlook_bold": (
        "*From:* Pharos Support <support@pharos.example>\n*Sent:* Monday\n*To:* Li Wei\n*Subject:* RE: Withdrawal\n\nWait."
    ),
    "outlook_chinese": (
        "发件人: Pharos Support <support@pharos.example>\n发送时间: 2026年11月23日 10:31\n收件人: 李伟\n主题: 回复: 提现\n\n请稍候。"
    ),
    "outlook_traditional": (
        "寄件者: Pharos Support <support@pharos.example>\n寄件日期: 2026年11月23日\n收件者: 李偉\n主旨: 回覆\n\n請稍候。"
    ),
    "outlook_classic": "-----Original Message-----\nFrom: Pharos\nSent: Monday\nSubject: x\n\nPlease wait.",
    "outlook_german": "Von: Pharos <s@pharos.example>\nGesendet: Montag\nAn: Li\nBetreff: AW: x\n\nBitte warten.",
    "qq": (
        "------------------ 原始邮件 ------------------\n发件人: \"Pharos\" <support@pharos.example>;\n"
        "发送时间: 2026年11月23日(星期一) 上午10:31\n收件人: \"李伟\"<li@qq.example>;\n主题: 提现\n\n请稍候。"
    ),
    "qq_reply_line": "------------------&nbsp;原始邮件&nbsp;------------------\n\n请稍候。".replace("&nbsp;", "\u00a0"),
    "netease": "---- 回复的原邮件 ----\n| 发件人 | Pharos<support@pharos.example> |\n| 日期 | 2026年11月23日 10:31 |\n\n请稍候。",
    "netease_old": "At 2026-11-23 10:31:44, \"Pharos\" <support@pharos.example> wrote:\n>Please wait.",
    "netease_in_chinese": "在 2026-11-23 10:31:44，\"Pharos\" <support@pharos.example> 写道：\n>请稍候。",
    "foxmail": (
        "发件人： Pharos\n发送时间： 2026-11-23 10:31\n收件人： 李伟\n主题： 回复: 提现\n请稍候。"
    ),
    "yahoo": "    On Monday, November 23, 2026 at 10:31:44 AM GMT+8, Pharos <s@pharos.example> wrote:\n\n Please wait.",
    "russian": "пн, 23 нояб. 2026 г. в 10:31, Pharos <support@pharos.example>:\n".replace(":\n", " пишет:\n") + "> Ждите.",
    "german": "Am 23.11.2026 um 10:31 schrieb Pharos Support:\n> Bitte warten.",
    "french": "Le lun. 23 nov. 2026 à 10:31, Pharos <support@pharos.example> a écrit :\n> Attendez.",
    "spanish": "El lun, 23 nov 2026 a las 10:31, Pharos (<support@pharos.example>) escribió:\n> Espere.",
    "japanese": "2026年11月23日(月) 10:31 Pharos <support@pharos.example>さんは書きました:\n> お待ちください。",
    "marks_only": "> Please wait.\n> Maya",
}  # fmt: skip


@pytest.mark.parametrize("client", HISTORIES)
@pytest.mark.parametrize("new", [NEW, NEW_CHINESE])
def test_fold__reply_above_history__history_folded_whole(client: str, new: str) -> None:
    folded = fold(f"{new}\n\n{HISTORIES[client]}\n", subject="Re: Withdrawal")
    assert folded.text == new
    assert folded.quoted == HISTORIES[client].strip("\n")


@pytest.mark.parametrize("client", HISTORIES)
def test_fold__nothing_but_history__kept_as_text(client: str) -> None:
    folded = fold(HISTORIES[client], subject="Re: Withdrawal")
    assert folded.text == HISTORIES[client]
    assert folded.quoted == ""


def test_fold__answer_below_quote__quote_folded() -> None:
    folded = fold("On 23 Nov 2026, Pharos wrote:\n> Please wait.\n\nThank you.\n\n-- \nLi", subject="Re: x")
    assert folded.text == "Thank you.\n\n-- \nLi"
    assert folded.quoted == "On 23 Nov 2026, Pharos wrote:\n> Please wait."


def test_fold__answers_between_quotes__nothing_folded() -> None:
    text = "On 23 Nov 2026, Pharos wrote:\n> Which coin?\nBTC\n> Which network?\nLightning"
    folded = fold(text, subject="Re: x")
    assert (folded.text, folded.quoted) == (text, "")


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (
            "See below.\n\n---------- Forwarded message ---------\nFrom: Bank <b@x.example>\nDate: Mon\nSubject: s\n\nwords",
            "x",
        ),
        ("See below.\n\nBegin forwarded message:\n\nFrom: Bank\nSubject: s\nDate: d\n\nwords", "x"),
        ("请看。\n\n---------- 转发邮件 ----------\n发件人: a\n主题: b\n日期: c\n\n内容", "转发: x"),
        ("See.\n\nFrom: Bank <b@x.example>\nSent: Monday\nTo: me\nSubject: s\n\nwords", "Fwd: statement"),
    ],
)
def test_fold__forwarded_message__is_content(text: str, subject: str) -> None:
    folded = fold(text, subject=subject)
    assert (folded.text, folded.quoted) == (text, "")


@pytest.mark.parametrize(
    "text",
    [
        "From: my own wallet to yours.\nPlease check.",
        "On Monday your agent wrote:\nplease send the papers\nand I did.",
        "The price went > 100 and I sold.",
        "He wrote: nothing.",
        "在这里写道：没有日期",
    ],
)
def test_fold__ordinary_sentences__not_taken_for_history(text: str) -> None:
    assert fold(text, subject="Re: x").text == text


@pytest.mark.parametrize(
    "wrapper",
    [
        '<div class="gmail_quote"><div class="gmail_attr">On Mon, Pharos wrote:</div><blockquote>old words</blockquote></div>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Pharos</div><div>old words</div>',
        '<blockquote type="cite">old words</blockquote>',
        '<div class="yahoo_quoted">old words</div>',
        "<includetail><div>------------------&nbsp;原始邮件&nbsp;------------------</div>old words</includetail>",
        '<div class="moz-cite-prefix">Am 23.11.2026 schrieb Pharos:</div><blockquote type="cite">old words</blockquote>',
    ],
)
def test_parse__html_history__folded_by_the_clients_own_markup(wrapper: str) -> None:
    mail = parse(corpus.mail(f"<div>new words</div>{wrapper}", headers={"Content-Type": "text/html; charset=utf-8"}))
    assert mail.text == "new words"
    assert "old words" in mail.quoted_text
    assert mail.html is not None
    assert "old words" in mail.html
