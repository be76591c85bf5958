"""Call-backs that callers choose, and how their calls end."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.crypto
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_staff_phones"),
        ("tickets", "0051_social_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PhoneCallback",
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
                ("number", core.crypto.EncryptedTextField()),
                ("number_digest", models.CharField(max_length=64)),
                ("starts_at", models.DateTimeField(verbose_name="from")),
                ("ends_at", models.DateTimeField(verbose_name="until")),
                ("tries", models.PositiveSmallIntegerField(db_default=0, default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("calling", "Being called"),
                            ("done", "They talked"),
                            ("failed", "Not reached"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="created")),
            ],
            options={
                "verbose_name": "call-back",
                "verbose_name_plural": "call-backs",
            },
        ),
        migrations.RemoveConstraint(
            model_name="phonecall",
            name="tickets_phonecall_outcome_known",
        ),
        migrations.AddField(
            model_name="phoneline",
            name="offers_callbacks",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Whoever waits, or calls out of hours, may choose when to be called.",
                verbose_name="offers call-backs",
            ),
        ),
        migrations.AlterField(
            model_name="phonecall",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("answered", "Answered"),
                    ("missed", "Missed"),
                    ("voicemail", "Voice message"),
                    ("callback", "To be called back"),
                ],
                default="",
                max_length=10,
                verbose_name="outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["", "answered", "missed", "voicemail", "callback"])),
                name="tickets_phonecall_outcome_known",
            ),
        ),
        migrations.AddField(
            model_name="phonecallback",
            name="asked_in",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="callbacks", to="tickets.phonecall"
            ),
        ),
        migrations.AddField(
            model_name="phonecallback",
            name="line",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="callbacks",
                to="tickets.phoneline",
            ),
        ),
        migrations.AddField(
            model_name="phonecallback",
            name="placed",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="callback_of",
                to="tickets.phonecall",
            ),
        ),
        migrations.AddField(
            model_name="phonecallback",
            name="ticket",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="callbacks", to="tickets.ticket"
            ),
        ),
        migrations.AddIndex(
            model_name="phonecallback",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["next_attempt_at"],
                name="tickets_phonecallback_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="phonecallback",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "calling"])),
                fields=["line", "starts_at"],
                name="tickets_phonecallback_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecallback",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["waiting", "calling"])),
                fields=("number_digest",),
                name="tickets_phonecallback_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecallback",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["waiting", "calling", "done", "failed", "cancelled"])),
                name="tickets_phonecallback_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecallback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "calling"), _negated=True), ("placed__isnull", False), _connector="OR"
                ),
                name="tickets_phonecallback_calling_has_call",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecallback",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="tickets_phonecallback_in_order"
            ),
        ),
    ]
