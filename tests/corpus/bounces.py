"""Delivery reports as the big providers write them: header, sentences, report part and what they give back."""

import base64
from typing import NamedTuple

GONE = "gone@customer.example"
OURS = "<ours@pharos.example>"
ORIGINAL = (
    f"From: Pharos Support <support@pharos.example>\r\nTo: {GONE}\r\nSubject: Re: Withdrawal\r\nMessage-ID: {OURS}\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nOur answer.\r\n"
)
HEADERS = ORIGINAL.partition("\r\n\r\n")[0] + "\r\n"


class Bounce(NamedTuple):
    """One report; `status` of the report part, which is left out when empty."""

    sender: str
    subject: str
    text: str
    status: str = ""
    returned: str = "message/rfc822"
    headers: str = "Auto-Submitted: auto-replied\r\n"
    kind: str = "bounce"
    charset: str = "utf-8"
    html: str = ""


def raw(bounce: Bounce) -> bytes:
    """The report as a mail."""
    head = (
        f"Return-Path: <>\r\nFrom: {bounce.sender}\r\nTo: support+b.token@pharos.example\r\nSubject: {bounce.subject}\r\n"
        f"Date: Mon, 23 Nov 2026 10:31:44 +0000\r\nMessage-ID: <dsn@mx.example>\r\nMIME-Version: 1.0\r\n{bounce.headers}"
    )
    coded = base64.encodebytes(bounce.text.encode(bounce.charset)).decode().replace("\n", "\r\n")
    letter = f"Content-Type: text/plain; charset={bounce.charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n{coded}"
    if bounce.html:
        letter = f"Content-Type: text/html; charset=utf-8\r\n\r\n{bounce.html}\r\n"
    if not bounce.status:
        return (head + letter).encode()
    parts = [letter, f"Content-Type: message/delivery-status\r\n\r\n{bounce.status}\r\n"]
    if bounce.returned:
        given_back = HEADERS if bounce.returned.endswith("headers") else ORIGINAL
        parts.append(f"Content-Type: {bounce.returned}\r\n\r\n{given_back}")
    body = "".join(f"--=_dsn\r\n{part}\r\n" for part in parts) + "--=_dsn--\r\n"
    media = 'Content-Type: multipart/report; report-type=delivery-status; boundary="=_dsn"\r\n\r\n'
    return (head + media + body).encode()


def _status(mta: str, action: str, status: str, diagnostic: str, *, more: str = "") -> str:
    return (
        f"Reporting-MTA: dns; {mta}\r\n{more}\r\nFinal-Recipient: rfc822; {GONE}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {diagnostic}\r\n"
    )


BOUNCES = {
    "gmail": Bounce(
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)",
        f"\n** Address not found **\n\nYour message wasn't delivered to {GONE} because the address couldn't be found, or is "
        "unable to receive mail.\n\nThe response from the remote server was:\n\n550 5.1.1 The email account does not exist.",
        _status("googlemail.com", "failed", "5.1.1", "550-5.1.1 The email account that you tried to reach does not exist.",
                more=f"Received-From-MTA: dns; pharos.example\r\nX-Original-Message-ID: {OURS}\r\n"),
        headers=f"Auto-Submitted: auto-replied\r\nX-Failed-Recipients: {GONE}\r\nReferences: {OURS}\r\nIn-Reply-To: {OURS}\r\n",
    ),
    "gmail_delay": Bounce(
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Delay)",
        f"\n** Delivery incomplete **\n\nThere was a temporary problem delivering your message to {GONE}. Gmail will retry "
        "for 46 more hours. You'll be notified if the delivery fails permanently.",
        _status("googlemail.com", "delayed", "4.4.1", "The recipient server did not accept our requests to connect."),
        kind="delivery_delay",
    ),
    "exchange_online": Bounce(
        "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@corp.example>",
        "Undeliverable: Re: Withdrawal",
        f"Your message to {GONE} couldn't be delivered.\ngone wasn't found at customer.example.\nOffice 365\n",
        _status("AM0PR04MB1234.eurprd04.prod.outlook.com", "failed", "5.1.10",
                "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
        headers="X-MS-Exchange-Message-Is-Ndr:\r\nAuto-Submitted: auto-replied\r\n",
        html=f"<html><body><p>Your message to <b>{GONE}</b> couldn't be delivered.</p><p>gone wasn't found</p></body></html>",
    ),
    "exchange_chinese": Bounce(
        "Microsoft Outlook <postmaster@corp.example>", "=?gb2312?B?zrS0q7XdOiBSZQ==?=",
        f"无法将邮件传递给以下收件人或组:\n\n{GONE}\n找不到您输入的电子邮件地址。",
        _status("corp.example", "failed", "5.1.1", "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found"), charset="gb18030",
    ),
    "postfix": Bounce(
        "Mail Delivery System <MAILER-DAEMON@mx.example>", "Undelivered Mail Returned to Sender",
        "This is the mail system at host mx.example.\n\nI'm sorry to have to inform you that your message could not\n"
        f"be delivered to one or more recipients. It's attached below.\n\n<{GONE}>: host mx said: 550 5.1.1 <{GONE}>:\n"
        "    Recipient address rejected: User unknown in local recipient table (in reply to\n    RCPT TO command)\n",
        _status("mx.example", "failed", "5.1.1", f"550 5.1.1 <{GONE}>: Recipient\r\n    address rejected: User unknown",
                more="X-Postfix-Queue-ID: 4FxYz\r\nX-Postfix-Sender: rfc822; support@pharos.example\r\nOriginal-Envelope-Id: 1\r\n"),
        returned="text/rfc822-headers",
    ),
    "exim_with_report": Bounce(
        "Mail Delivery System <Mailer-Daemon@exim.example>", "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        f"delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  {GONE}\n"
        "    host mx.customer.example [192.0.2.1]\n    SMTP error from remote mail server after RCPT TO:\n    550 5.1.1 unknown",
        _status("exim.example", "failed", "5.0.0", "550 5.1.1 unknown"),
        headers=f"X-Failed-Recipients: {GONE}\r\nAuto-Submitted: auto-replied\r\n",
    ),
    "exim_old": Bounce(
        "Mail Delivery System <Mailer-Daemon@exim.example>", "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        f"delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  {GONE}\n"
        f"    all relevant MX records point to non-existent hosts\n\n------ This is a copy of the message ------\n\n{ORIGINAL}",
        headers=f"X-Failed-Recipients: {GONE}\r\nAuto-Submitted: auto-replied\r\n",
    ),
    "sendmail": Bounce(
        "Mail Delivery Subsystem <MAILER-DAEMON@sendmail.example>", "Returned mail: see transcript for details",
        "The original message was received at Mon, 23 Nov 2026 10:31:44 GMT\nfrom pharos.example [192.0.2.7]\n\n"
        f"   ----- The following addresses had permanent fatal errors -----\n<{GONE}>\n    (reason: 550 5.1.1 User unknown)\n\n"
        f"   ----- Transcript of session follows -----\n... while talking to mx.example.:\n>>> DATA\n<<< 550 5.1.1 <{GONE}>... "
        "User unknown\n550 5.1.1 User unknown\n",
        _status("sendmail.example", "failed", "5.1.1", "550 5.1.1 User unknown",
                more="Received-From-MTA: DNS; pharos.example\r\nArrival-Date: Mon, 23 Nov 2026 10:31:44 GMT\r\n"),
        headers="Auto-Submitted: auto-generated (failure)\r\n",
    ),
    "qq": Bounce(
        "PostMaster <PostMaster@qq.com>", "=?utf-8?B?57O757uf6YCA5L+hL1N5c3RlbSBib3VuY2U=?=",
        f"抱歉，您的邮件被退回来了……\n\n原邮件信息：\n主 题：Re: Withdrawal\n收件人：{GONE}\n退信原因：收件人邮箱不存在。\n"
        f"550 5.1.1 Mailbox not found\nMessage-ID: {OURS}\n",
        charset="gb18030", headers="",
    ),
    "netease": Bounce(
        "Postmaster@163.com", "=?gbk?B?z7XNs83L0MU=?=",
        f"抱歉，您的邮件无法发送到 {GONE}\n\n退信代码：550\n550 User not found: {GONE}\n---- 原邮件 ----\nMessage-ID: {OURS}\n",
        charset="gbk", headers="",
    ),
    "yahoo": Bounce(
        "MAILER-DAEMON@yahoo.com", "Failure Notice",
        f"Sorry, we were unable to deliver your message to the following address.\n\n<{GONE}>:\n554: 5.7.1 delivery error: dd "
        f"This user doesn't have a yahoo.com account ({GONE}) [0] - mta1.mail\n\n--- Below this line is a copy of the message.\n\n"
        f"{ORIGINAL}",
        headers="",
    ),
    "icloud": Bounce(
        "Mail Delivery System <MAILER-DAEMON@icloud.com>", "Undelivered Mail Returned to Sender",
        f"This is the mail system at host p00-icloudmta.me.com.\n\n<{GONE}>: host mx01.mail.icloud.com said: 550 5.1.1 <{GONE}>: "
        "user does not exist (in reply to RCPT TO command)\n",
        _status("p00-icloudmta.me.com", "failed", "5.1.1", f"550 5.1.1 <{GONE}>: user does not exist"),
    ),
    "qmail": Bounce(
        "MAILER-DAEMON@qmail.example", "failure notice",
        "Hi. This is the qmail-send program at qmail.example.\nI'm afraid I wasn't able to deliver your message to the following "
        f"addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<{GONE}>:\nSorry, no mailbox here by "
        f"that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n{ORIGINAL}",
        headers="",
    ),
}  # fmt: skip
