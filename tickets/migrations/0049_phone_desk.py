"""What people of ours do with calls: their numbers, transfers, rooms, notes, and what the provider is to do."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.crypto
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_staff_phones"),
        ("tickets", "0048_phone"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NumberCheck",
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
                ("number", core.crypto.EncryptedTextField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="PhoneOrder",
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
                (
                    "kind",
                    models.CharField(
                        choices=[("place", "Place a call"), ("redirect", "Lead a call elsewhere")], max_length=8
                    ),
                ),
                ("number", core.crypto.EncryptedTextField(blank=True)),
                ("sid", models.CharField(blank=True, max_length=64)),
                ("url", models.CharField(max_length=300)),
                ("status_url", models.CharField(blank=True, max_length=300)),
                ("is_handed_over", models.BooleanField(db_default=False, default=False)),
                ("is_reported", models.BooleanField(db_default=False, default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")],
                        default="queued",
                        max_length=6,
                        verbose_name="state",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="created")),
            ],
        ),
        migrations.AddField(
            model_name="phonecall",
            name="disposition",
            field=models.CharField(
                blank=True,
                choices=[
                    ("solved", "Solved"),
                    ("waits", "The customer has to do something"),
                    ("follow_up", "We have to do something"),
                    ("nothing", "Wrong number, or nobody spoke"),
                ],
                db_default="",
                default="",
                max_length=10,
                verbose_name="outcome",
            ),
        ),
        migrations.AddField(
            model_name="phonecall",
            name="is_conference",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="phonecall",
            name="noted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="phonecall",
            name="team",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="accounts.team",
            ),
        ),
        migrations.AddField(
            model_name="phonecall",
            name="wanted",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="phoneleg",
            name="role",
            field=models.CharField(
                choices=[("agent", "Agent"), ("lead", "Lead")], db_default="agent", default="agent", max_length=5
            ),
        ),
        migrations.AddField(
            model_name="phoneline",
            name="sdk_key",
            field=models.CharField(
                blank=True, db_default="", max_length=64, verbose_name="key for calls in the browser"
            ),
        ),
        migrations.AddField(
            model_name="phoneline",
            name="sdk_secret",
            field=core.crypto.EncryptedTextField(blank=True, db_default="", verbose_name="secret of this key"),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(("disposition__in", ["", "solved", "waits", "follow_up", "nothing"])),
                name="tickets_phonecall_disposition_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("disposition", ""), ("noted_at__isnull", True)),
                    models.Q(
                        models.Q(("disposition", ""), _negated=True), ("noted_at__isnull", False), ("state", "ended")
                    ),
                    _connector="OR",
                ),
                name="tickets_phonecall_noted_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="phoneleg",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["agent", "lead"])), name="tickets_phoneleg_role_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="phoneline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sdk_key", ""), ("sdk_secret", "")),
                    models.Q(models.Q(("sdk_key", ""), _negated=True), models.Q(("sdk_secret", ""), _negated=True)),
                    _connector="OR",
                ),
                name="tickets_phoneline_sdk_is_whole",
            ),
        ),
        migrations.AddField(
            model_name="numbercheck",
            name="staff",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="number_check", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="phoneorder",
            name="call",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="tickets.phonecall"
            ),
        ),
        migrations.AddField(
            model_name="phoneorder",
            name="line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="tickets.phoneline"
            ),
        ),
        migrations.AddConstraint(
            model_name="numbercheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("tries__lte", 5)), name="tickets_numbercheck_tries_bounded"
            ),
        ),
        migrations.AddIndex(
            model_name="phoneorder",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["next_attempt_at"], name="tickets_phoneorder_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="phoneorder",
            index=models.Index(
                condition=models.Q(("is_reported", False), ("state", "failed")),
                fields=["id"],
                name="tickets_phoneorder_unreported",
            ),
        ),
        migrations.AddConstraint(
            model_name="phoneorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["place", "redirect"])), name="tickets_phoneorder_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="phoneorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "sent", "failed"])), name="tickets_phoneorder_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="phoneorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "place"), ("sid", ""), models.Q(("number", ""), _negated=True)),
                    models.Q(("kind", "redirect"), ("number", ""), models.Q(("sid", ""), _negated=True)),
                    _connector="OR",
                ),
                name="tickets_phoneorder_names_whom",
            ),
        ),
    ]
