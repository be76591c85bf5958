"""The chat in the exchange's app, and what the exchange is asked to notify of."""

import django.db.models.deletion
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("livechat", "0012_typing_preview"),
    ]

    operations = [
        migrations.AddField(
            model_name="chatinbox",
            name="allows_app",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="The chat opens as a page of its own as well, for the WebView of the exchange's app.",
                verbose_name="in the exchange's app",
            ),
        ),
        migrations.AddField(
            model_name="chatinbox",
            name="pushes_unread",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="The exchange is asked to notify signed-in customers whom an answer has not reached. It is told no words.",
                verbose_name="notify by the exchange's app",
            ),
        ),
        migrations.CreateModel(
            name="Push",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                (
                    "next_attempt_at",
                    models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="next attempt"),
                ),
                ("lease_token", models.UUIDField(editable=False, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="last error")),
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
                ("public_seq", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("owed", "Owed"),
                            ("sending", "Sending"),
                            ("sent", "Sent"),
                            ("not_needed", "Not Needed"),
                            ("covered", "Covered"),
                            ("failed", "Failed"),
                        ],
                        default="owed",
                        max_length=12,
                    ),
                ),
                ("unread", models.PositiveIntegerField(null=True)),
                ("owed_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "chat",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pushes",
                        to="livechat.chat",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["owed", "sending"])),
                        fields=["next_attempt_at"],
                        name="livechat_push_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("chat", "public_seq"), name="livechat_push_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "sending")), fields=("chat",), name="livechat_push_one_on_its_way"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["owed", "sending", "sent", "not_needed", "covered", "failed"])
                        ),
                        name="livechat_push_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("state__in", ["owed", "sending"])),
                            models.Q(
                                models.Q(("state__in", ["owed", "sending"]), _negated=True),
                                ("settled_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="livechat_push_settled_once_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["sending", "sent"]), _negated=True),
                            ("unread__gt", 0),
                            _connector="OR",
                        ),
                        name="livechat_push_says_how_many",
                    ),
                ],
            },
        ),
    ]
