"""Accounts at social channels and the phone line that the demo plays with; their secrets are this copy's own and open nothing elsewhere."""

import secrets
from typing import Any

from nacl.signing import SigningKey

from accounts.models import Brand, Team
from helpdesk.demo import cast, discord_channel
from tickets.models import PhoneLine, SocialAccount, SocialKind, SocialRoute, SocialTemplate, Topic

# Accounts at Meta: channel, number there, what they are called there.
META_ACCOUNTS = (
    (SocialKind.MESSENGER, "100000000000001", cast.BRAND),
    (SocialKind.WHATSAPP, "100000000000002", "+1 555 0100"),
)
# The hotline: its number, which is in the register, and the keys of its menu.
LINE_NUMBER = "+442079460018"
REASONS: tuple[tuple[int, str, str, str, dict[str, Any]], ...] = (
    (1, "A deposit", "充值", "deposits-missing", {"priority": "high"}),
    (2, "A withdrawal", "提现", "withdrawals-pending", {"priority": "high"}),
    (3, "Signing in", "登录", "account-sign-in", {}),
    (9, "A stolen account", "账户被盗", "security-takeover", {"priority": "urgent", "is_theft": True}),
)


def write(brand: Brand, team: Team) -> None:
    """Write the accounts that /demo/channels/ plays with, one of each kind."""
    _write_telegram(brand, team)
    _write_meta(brand, team)
    _write_x(brand, team)
    _write_discord(brand, team)
    _write_sms(brand, team)
    _write_phone(team)


def _write_telegram(brand: Brand, team: Team) -> None:
    SocialAccount.objects.get_or_create(
        kind=SocialKind.TELEGRAM,
        name=f"{cast.BRAND} Support",
        defaults={
            "brand": brand,
            "team": team,
            "handle": "@pharos_demo_bot",
            "token": f"1:{secrets.token_urlsafe(26)}",
            "webhook_secret": secrets.token_urlsafe(32),
        },
    )


def _write_meta(brand: Brand, team: Team) -> None:
    for kind, number, handle in META_ACCOUNTS:
        SocialAccount.objects.get_or_create(
            kind=kind,
            name=f"{cast.BRAND} Support",
            defaults={
                "brand": brand,
                "team": team,
                "handle": handle,
                "external_id": number,
                "token": secrets.token_urlsafe(26),
                "app_secret": secrets.token_urlsafe(26),
                "webhook_secret": secrets.token_urlsafe(32),
            },
        )
    SocialTemplate.objects.get_or_create(
        account=SocialAccount.objects.get(kind=SocialKind.WHATSAPP, name=f"{cast.BRAND} Support"),
        name="late_answer",
        language="en",
        defaults={"body": "Hello {{1}}, we have an answer to your question about {{2}}. Reply here to read it."},
    )


def _write_x(brand: Brand, team: Team) -> None:
    SocialAccount.objects.get_or_create(
        kind=SocialKind.X,
        name=f"{cast.BRAND} on X",
        defaults={
            "brand": brand,
            "team": team,
            "handle": "@PharosExchange",
            "external_id": "7000003",
            "app_key": secrets.token_urlsafe(18),
            "app_secret": secrets.token_urlsafe(32),
            "token": f"7000003-{secrets.token_urlsafe(26)}",
            "token_secret": secrets.token_urlsafe(32),
        },
    )


def _write_discord(brand: Brand, team: Team) -> None:
    key = SigningKey.generate()
    account, _is_new = SocialAccount.objects.get_or_create(
        kind=SocialKind.DISCORD,
        name=f"{cast.BRAND} on Discord",
        defaults={
            "brand": brand,
            "team": team,
            "handle": f"@{discord_channel.HANDLE}",
            "external_id": "7000001",
            "app_key": key.verify_key.encode().hex(),
            # With it the demo signs what a customer asks, as Discord would.
            "app_secret": key.encode().hex(),
            "token": secrets.token_urlsafe(32),
            "official_role": "7000030",
        },
    )
    SocialRoute.objects.get_or_create(
        account=account, channel_id=discord_channel.FORUM, defaults={"team": team, "is_watched_forum": True}
    )


def _write_sms(brand: Brand, team: Team) -> None:
    SocialAccount.objects.get_or_create(
        kind=SocialKind.SMS,
        name=f"{cast.BRAND} by SMS",
        defaults={
            "brand": brand,
            "team": team,
            "handle": LINE_NUMBER,
            "external_id": LINE_NUMBER,
            "app_key": f"AC{secrets.token_hex(16)}",
            "token": secrets.token_hex(16),
        },
    )


def _write_phone(team: Team) -> None:
    line, is_new = PhoneLine.objects.get_or_create(
        number=LINE_NUMBER,
        defaults={
            "name": f"{cast.BRAND} hotline",
            "account_sid": f"AC{secrets.token_hex(16)}",
            "token": secrets.token_hex(16),
            "team": team,
        },
    )
    for key, words, chinese, slug, more in REASONS if is_new else ():
        topic = Topic.objects.filter(slug=slug).first()
        line.reasons.create(key=key, words=words, words_zh_hans=chinese, topic=topic, **more)
