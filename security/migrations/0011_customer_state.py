"""Rows of denials, of what customers were told, and of passkeys still to be kept."""

import django.db.models.deletion
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_exchange_accounts"),
        ("security", "0010_customers_words"),
    ]

    operations = [
        migrations.CreateModel(
            name="ActionDenial",
            fields=[
                (
                    "action",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="denial",
                        serialize=False,
                        to="security.fundaction",
                    ),
                ),
                ("denied_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "db_table": "security_actiondenial",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ActionNotice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.CharField(max_length=20)),
                ("told_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "action",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="security.fundaction",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("action", "what"), name="security_actionnotice_once")],
            },
        ),
        migrations.CreateModel(
            name="FactorToKeep",
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
                ("label", models.CharField(blank=True, max_length=60)),
                ("exchange_id", models.CharField(max_length=120)),
                ("credential_id", models.CharField(max_length=1400)),
                ("public_key", models.CharField(max_length=3000)),
                ("sign_count", models.BigIntegerField()),
                ("device_type", models.CharField(max_length=20)),
                ("accepted_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="factors_to_keep",
                        to="accounts.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sign_count__gte", 0)), name="security_factortokeep_counts"
                    ),
                    models.UniqueConstraint(fields=("credential_id",), name="security_factortokeep_once"),
                ],
            },
        ),
    ]
