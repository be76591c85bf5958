"""Customers at the portal: sessions, used hand-offs, phrases, support locks, freezes the exchange must hear of."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.clock
import core.crypto
import core.ids

SQL = (Path(__file__).parent / "support_lock.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_exchange_accounts"),
        ("security", "0005_proof_state"),
    ]

    operations = [
        migrations.CreateModel(
            name="AntiPhishingPhrase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("phrase", core.crypto.EncryptedTextField()),
                ("set_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anti_phishing_phrase",
                        to="accounts.customer",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SupportLock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("until", models.DateTimeField(verbose_name="until")),
                ("set_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="support_lock", to="accounts.customer"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UsedHandOff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=200)),
                ("jti", models.CharField(max_length=200)),
                ("used_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "indexes": [models.Index(fields=["used_at"], name="security_usedhandoff_age")],
                "constraints": [models.UniqueConstraint(fields=("issuer", "jti"), name="security_usedhandoff_once")],
            },
        ),
        migrations.CreateModel(
            name="CustomerSession",
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
                ("token_digest", models.CharField(max_length=64, unique=True)),
                ("auth_time", models.DateTimeField()),
                (
                    "amr",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), default=list, size=None
                    ),
                ),
                ("browser", models.CharField(blank=True, max_length=120)),
                ("address", models.GenericIPAddressField(null=True)),
                ("opened_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("seen_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("ended_at", models.DateTimeField(null=True)),
                ("end_reason", models.CharField(blank=True, max_length=20)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="portal_sessions",
                        to="accounts.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["customer", "-seen_at"],
                        name="security_portal_session_open",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FreezeOrder",
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
                ("account_id", models.CharField(max_length=100)),
                ("source", models.CharField(choices=[("portal", "Portal"), ("link", "Link in a mail")], max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("done", "Done"), ("failed", "Failed")],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="freeze_orders",
                        to="accounts.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["next_attempt_at"],
                        name="security_freezeorder_waiting",
                    ),
                    models.Index(fields=["customer", "-id"], name="security_freezeorder_latest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "done", "failed"])),
                        name="security_freezeorder_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["portal", "link"])), name="security_freezeorder_source_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")),
                        fields=("customer",),
                        name="security_freezeorder_one_waits",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SQL),
    ]
