"""Machines told from people: bounces, delays, receipts, auto-replies, bulk mail and challenges."""

# ruff: noqa: ISC004 -- bounces keep the sentences their senders wrote

import pytest

from tests.unit.tickets.email import corpus
from tickets.channels.email.parse import ParsedMail, parse

ORIGINAL = corpus.mail("our answer", headers={"Message-ID": "<ours@pharos.example>", "From": "support@pharos.example"})
SENT_BACK = (
    b"This is the mail system at host mx.example.\r\n\r\nI'm sorry to have to inform you that your message could not\r\n"
    b"be delivered to one or more recipients. It's attached below.\r\n\r\n"
    b"<gone@customer.example>: host mx said: 550 5.1.1 User unknown\r\n"
)


def dsn(action: str, status: str, *, returned: bytes | None = ORIGINAL) -> bytes:
    report = (
        "Reporting-MTA: dns; mx.example\r\nX-Postfix-Queue-ID: 1\r\n\r\n"
        f"Final-Recipient: rfc822; Gone@Customer.example\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <gone@customer.example>:\r\n    User unknown\r\n"
    )
    parts = [corpus.part("text/plain", "It failed."), corpus.part("message/delivery-status", report)]
    parts += [corpus.part("message/rfc822", returned)] if returned else []
    return corpus.whole(
        corpus.multipart("report", *parts, report_type="delivery-status"),
        From="Mail Delivery System <MAILER-DAEMON@mx.example>", Subject="Undelivered Mail Returned to Sender",
        Return_Path="<>", Auto_Submitted="auto-replied",
    )  # fmt: skip


def answered(headers: dict[str, str], *, subject: str = "Re: Withdrawal", body: str = "I am away.") -> ParsedMail:
    return parse(corpus.mail(body, headers={"Subject": subject, **headers}))


def test_classify__rfc3464_failure__bounce_of_our_message() -> None:
    mail = parse(dsn("failed", "5.1.1"))
    assert mail.kind == "bounce"
    assert mail.bounce is not None
    assert mail.bounce.is_permanent
    assert mail.bounce.is_structured
    assert mail.bounce.status_codes == ("5.1.1",)
    assert mail.bounce.final_recipient == "Gone@customer.example"
    assert mail.bounce.original_message_id == "<ours@pharos.example>"
    assert "User unknown" in mail.bounce.diagnostic
    assert not mail.may_be_answered_automatically


def test_classify__rfc3464_delay__delivery_delay_and_not_permanent() -> None:
    mail = parse(dsn("delayed", "4.4.1"))
    assert mail.kind == "delivery_delay"
    assert mail.bounce is not None
    assert not mail.bounce.is_permanent


def test_classify__rfc3464_success__receipt() -> None:
    mail = parse(dsn("delivered", "2.0.0"))
    assert (mail.kind, mail.bounce and mail.bounce.action) == ("read_receipt", "delivered")


def test_classify__headers_only_returned__original_identified() -> None:
    mail = parse(
        corpus.whole(
            corpus.multipart(
                "report", corpus.part("message/delivery-status", "X: y\r\n\r\nAction: failed\r\nStatus: 5.0.0\r\n"),
                corpus.part("text/rfc822-headers", "Message-ID: <ours@pharos.example>\r\nSubject: x\r\n"),
                report_type="delivery-status",
            ),
            From="postmaster@mx.example",
        )
    )  # fmt: skip
    assert mail.bounce is not None
    assert mail.bounce.original_message_id == "<ours@pharos.example>"


@pytest.mark.parametrize(
    ("sender", "subject", "body", "extra"),
    [
        ("MAILER-DAEMON@mx.example", "Undelivered Mail Returned to Sender", SENT_BACK.decode(), {}),
        (
            "Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)",
            "Address not found\n\nYour message wasn't delivered to gone@customer.example because the address "
            "couldn't be found.\n\n550 5.1.1 The email account does not exist.",
            {"X-Failed-Recipients": "gone@customer.example"},
        ),
        (
            "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@corp.example", "Undeliverable: Withdrawal",
            "Delivery has failed to these recipients or groups:\n\ngone@customer.example\nThe address was not found.",
            {},
        ),
        (
            "MAILER-DAEMON@qmail.example", "failure notice",
            "Hi. This is the qmail-send program at qmail.example.\nI'm afraid I wasn't able to deliver your message to "
            "the following addresses.\nThis is a permanent error; I've given up.\n\n<gone@customer.example>:\n"
            "Sorry, no mailbox here by that name. (#5.1.1)",
            {},
        ),
        (
            "MAILER-DAEMON@yahoo.com", "Failure Notice",
            "Sorry, we were unable to deliver your message to the following address.\n\n<gone@customer.example>:\n"
            "554: delivery error", {},
        ),
        ("postmaster@qq.com", "系统退信", "很抱歉，您的邮件被退回。\n收件人 gone@customer.example 不存在。\n550 5.1.1", {}),
        ("MAILER-DAEMON", "failure notice", "<gone@customer.example>: 550 5.1.1 no such user", {}),
    ],
)  # fmt: skip
def test_classify__free_text_bounce__recipient_found(
    sender: str, subject: str, body: str, extra: dict[str, str]
) -> None:
    mail = parse(corpus.mail(body, headers={"From": sender, "Subject": subject, **extra}))
    assert mail.kind == "bounce"
    assert mail.bounce is not None
    assert mail.bounce.final_recipient == "gone@customer.example"
    assert not mail.bounce.is_structured


def test_classify__free_text_bounce__message_id_of_quoted_original() -> None:
    body = SENT_BACK + b"\r\n--- Below is a copy\r\n\r\nMessage-ID: <ours@pharos.example>\r\nSubject: x\r\n"
    mail = parse(corpus.mail(body, headers={"From": "MAILER-DAEMON@mx.example", "Subject": "failure notice"}))
    assert mail.bounce is not None
    assert mail.bounce.original_message_id == "<ours@pharos.example>"


def test_classify__customer_quotes_a_bounce__normal() -> None:
    mail = answered({}, subject="Undelivered Mail Returned to Sender", body=SENT_BACK.decode())
    assert (mail.kind, mail.bounce) == ("normal", None)
    assert mail.may_be_answered_automatically


def test_classify__delay_warning_in_text__delivery_delay() -> None:
    mail = answered(
        {"From": "MAILER-DAEMON@mx.example"}, subject="Delayed Mail (still being retried)", body="4.4.1 a@b.example"
    )
    assert mail.kind == "delivery_delay"


def test_classify__disposition_notification__read_receipt() -> None:
    notice = corpus.part("message/disposition-notification", "Disposition: manual-action; displayed\r\n")
    report = corpus.multipart(
        "report", corpus.part("text/plain", "read"), notice, report_type="disposition-notification"
    )
    assert parse(corpus.whole(report)).kind == "read_receipt"


@pytest.mark.attack("A8")
@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated; owner-email=a@b.example"},
        {"X-Autoreply": "yes"},
        {"X-Autorespond": "holiday"},
        {"Precedence": "auto_reply"},
        {"Return-Path": "<>"},
    ],
)
def test_classify__machine_header__auto_reply_never_answered(headers: dict[str, str]) -> None:
    mail = answered(headers)
    assert mail.kind == "auto_reply"
    assert not mail.may_be_answered_automatically


@pytest.mark.parametrize(
    "subject", ["Out of Office: back Monday", "Automatic reply: x", "自动回复: 休假", "Автоответ: x"]
)
def test_classify__out_of_office_subject__counts_only_with_a_header(subject: str) -> None:
    assert answered({"X-Auto-Response-Suppress": "All"}, subject=subject).kind == "auto_reply"
    assert answered({}, subject=subject).kind == "normal"


@pytest.mark.parametrize(
    "headers", [{"Precedence": "bulk"}, {"Precedence": "list"}, {"List-Id": "<x.example>"}, {"List-Unsubscribe": "<u>"}]
)
def test_classify__list_header__bulk_never_answered(headers: dict[str, str]) -> None:
    mail = answered(headers)
    assert (mail.kind, mail.may_be_answered_automatically) == ("bulk", False)


@pytest.mark.parametrize(
    "headers",
    [{"Auto-Submitted": "no"}, {"X-Auto-Response-Suppress": "None"}, {"Return-Path": "<li.wei@customer.example>"}],
)
def test_classify__header_that_says_person__normal(headers: dict[str, str]) -> None:
    mail = answered(headers)
    assert (mail.kind, mail.may_be_answered_automatically) == ("normal", True)


@pytest.mark.parametrize("sender", ["no-reply@shop.example", "noreply+1@shop.example", "bounces-7@list.example"])
def test_classify__machine_address__normal_but_never_answered(sender: str) -> None:
    mail = answered({"From": sender})
    assert (mail.kind, mail.may_be_answered_automatically) == ("normal", False)


def test_classify__suppressed_answer__normal_but_never_answered() -> None:
    mail = answered({"X-Auto-Response-Suppress": "OOF, AutoReply"})
    assert (mail.kind, mail.may_be_answered_automatically) == ("normal", False)


@pytest.mark.attack("A6")
@pytest.mark.parametrize(
    ("headers", "subject", "body"),
    [
        ({"From": "no-reply@slack.example"}, "Your confirmation code", "Your code is 483-920"),
        ({"From": "noreply@site.example"}, "Please verify your email address", "https://site.example/verify?token=abc"),
        ({"From": "notify@site.example", "Auto-Submitted": "auto-generated"}, "您的验证码", "验证码：483920"),
        ({"X-Spamarrest-noauth": "1"}, "Re: Withdrawal", "click here"),
    ],
)
def test_classify__asks_to_prove_the_address__challenge(headers: dict[str, str], subject: str, body: str) -> None:
    mail = answered(headers, subject=subject, body=body)
    assert (mail.kind, mail.may_be_answered_automatically) == ("challenge", False)


@pytest.mark.attack("A6")
def test_classify__customer_asks_about_a_code__normal() -> None:
    assert answered({}, subject="verification code", body="I never got the code 483920").kind == "normal"
