"""Sign-in mails of other services, as they are worded: somebody signs up with an address of ours to read them (A6)."""

import pytest

from tests.unit.tickets.email import corpus
from tickets.channels.email.parse import parse

CHALLENGES = [
    ("Slack <feedback@slack.example>", "Slack confirmation code: L2K-9QD", "Your code: L2K-9QD"),
    ("Slack <no-reply@slack.example>", "Confirm your email address on Slack", "Open https://slack.example/confirm/x"),
    ("GitHub <noreply@github.example>", "[GitHub] Please verify your email address.", "https://github.example/u/1/emails/1/confirm_verification/abc"),
    ("GitHub <noreply@github.example>", "[GitHub] Please reset your password", "https://github.example/password_reset/abc"),
    ("Google <no-reply@accounts.google.example>", "Google Verification Code", "G-482913 is your Google verification code."),
    ("Notion <notify@mail.notion.example>", "Your temporary Notion login code is apple-banana-cherry", "https://notion.example/loginwithemail?x=1"),
    ("Meta <security@facebookmail.example>", "482913 is your Instagram code", "Enter 482913 to continue."),
    ("Atlassian <noreply@am.atlassian.example>", "Ada invited you to join them in Jira", "https://id.atlassian.example/invite/p/jira?id=x"),
    ("Linear <hello@linear.example>", "Sign in to Linear", "https://linear.example/auth/email/abc"),
    ("Figma <support@figma.example>", "Reset your password", "https://figma.example/reset?t=abc"),
    ("Yandex <noreply@id.yandex.example>", "Восстановление пароля", "https://passport.yandex.example/restoration/login?code=1"),
    ("微信团队 <weixinteam@tencent.example>", "重置密码", "验证码 482913，https://tencent.example/reset"),
    ("淘宝 <service@mail.taobao.example>", "您的校验码", "校验码：482913"),
    ("Discord <noreply@discord.example>", "Verify Email Address for Discord", "https://click.discord.example/verify?token=abc"),
    ("Zendesk <noreply@zendesk.example>", "Password reset for your account", "https://x.zendesk.example/access/reset_password?t=1"),
]  # fmt: skip
QUESTIONS = [
    ("Mina Park <mina@example.com>", "Reset your password does not work", "I tapped reset and got code 482913 but it says wrong."),
    ("Mina Park <mina@example.com>", "I never get your verification code", "Where is it? My number ends in 1234."),
    ("Mina Park <mina@example.com>", "密码重置", "我无法重置密码，工单 123456"),
    ("Info <info@company.example>", "Withdrawal pending since Monday", "Order 4829131 has not arrived."),
    ("Help <help@company.example>", "Question about your fees", "See https://company.example/fees, invoice 20261123."),
]  # fmt: skip


@pytest.mark.attack("A6")
@pytest.mark.parametrize(("sender", "subject", "body"), CHALLENGES)
def test_classify__sign_in_mail_of_another_service__is_a_challenge(sender: str, subject: str, body: str) -> None:
    mail = parse(corpus.mail(body, headers={"From": sender, "Subject": subject}))
    assert mail.kind == "challenge"
    assert not mail.may_be_answered_automatically


@pytest.mark.attack("A6")
@pytest.mark.parametrize(("sender", "subject", "body"), QUESTIONS)
def test_classify__person_who_asks_about_one__is_normal(sender: str, subject: str, body: str) -> None:
    assert parse(corpus.mail(body, headers={"From": sender, "Subject": subject})).kind == "normal"
