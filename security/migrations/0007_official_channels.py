"""The register of official channels, and reports of those who pose as us."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("security", "0006_customer_sessions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChannelReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("email", "Email address"),
                            ("domain", "Website (domain)"),
                            ("link", "Link"),
                            ("phone", "Phone number"),
                            ("telegram", "Telegram"),
                            ("x", "X"),
                            ("discord", "Discord"),
                            ("facebook", "Facebook"),
                            ("instagram", "Instagram"),
                            ("wechat", "WeChat"),
                            ("other", "Another name"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("value", models.CharField(max_length=320, verbose_name="as written")),
                ("canonical", models.CharField(max_length=400)),
                ("told", models.CharField(blank=True, max_length=1000, verbose_name="what they tell")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("confirmed", "Confirmed"), ("dismissed", "Dismissed")],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="reported")),
            ],
            options={
                "verbose_name": "reported channel",
                "verbose_name_plural": "reported channels",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "open")),
                        fields=["kind", "canonical"],
                        name="security_channelreport_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "confirmed", "dismissed"])),
                        name="security_channelreport_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "email",
                                    "domain",
                                    "link",
                                    "phone",
                                    "telegram",
                                    "x",
                                    "discord",
                                    "facebook",
                                    "instagram",
                                    "wechat",
                                    "other",
                                ],
                            )
                        ),
                        name="security_channelreport_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfficialChannel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("email", "Email address"),
                            ("domain", "Website (domain)"),
                            ("link", "Link"),
                            ("phone", "Phone number"),
                            ("telegram", "Telegram"),
                            ("x", "X"),
                            ("discord", "Discord"),
                            ("facebook", "Facebook"),
                            ("instagram", "Instagram"),
                            ("wechat", "WeChat"),
                            ("other", "Another name"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("value", models.CharField(max_length=320, verbose_name="as written")),
                ("canonical", models.CharField(editable=False, max_length=400)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("official", "Official"),
                            ("reported", "Known to pose as us"),
                            ("retired", "Ours no longer"),
                        ],
                        default="official",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note for staff")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="added")),
                (
                    "added_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
            ],
            options={
                "verbose_name": "official channel",
                "verbose_name_plural": "official channels",
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "canonical"), name="security_officialchannel_once"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["official", "reported", "retired"])),
                        name="security_officialchannel_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "email",
                                    "domain",
                                    "link",
                                    "phone",
                                    "telegram",
                                    "x",
                                    "discord",
                                    "facebook",
                                    "instagram",
                                    "wechat",
                                    "other",
                                ],
                            )
                        ),
                        name="security_officialchannel_kind_known",
                    ),
                ],
            },
        ),
    ]
