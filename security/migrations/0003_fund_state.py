"""What the ORM knows of the tables of the rule; it never writes them as a whole."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_rows"),
        ("security", "0002_fund_rule"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hash", models.BinaryField()),
                ("approver_verified_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "db_table": "security_approval",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="ApproverDraw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.IntegerField()),
                ("drawn_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "db_table": "security_approverdraw",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="CustomerFactor",
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
                ("method", models.CharField(choices=[("totp", "Totp"), ("webauthn", "Webauthn")], max_length=10)),
                ("enrolled_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("counts_from", models.DateTimeField()),
            ],
            options={
                "db_table": "security_customerfactor",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="FundAction",
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
                ("kind", models.CharField(max_length=30)),
                ("operation", models.CharField(blank=True, max_length=10)),
                ("subject", models.CharField(blank=True, max_length=120)),
                ("ticket_id", models.BigIntegerField(null=True)),
                ("asset", models.CharField(blank=True, max_length=20)),
                ("network", models.CharField(blank=True, max_length=30)),
                ("amount", models.DecimalField(decimal_places=18, default=0, max_digits=38)),
                ("destination", models.CharField(blank=True, max_length=320)),
                ("tag", models.CharField(blank=True, max_length=120)),
                ("requester_verified_at", models.DateTimeField()),
                ("hash", models.BinaryField()),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("has_amount", models.BooleanField()),
                ("has_destination", models.BooleanField()),
                ("has_subject", models.BooleanField()),
                ("has_operation", models.BooleanField()),
                ("risk", models.CharField(max_length=10)),
                (
                    "methods",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), size=None),
                ),
                ("needs_approval", models.BooleanField()),
                ("cooling_off_s", models.IntegerField()),
            ],
            options={
                "db_table": "security_fundaction",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Freeze",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="freeze",
                        serialize=False,
                        to="accounts.customer",
                    ),
                ),
                ("frozen_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=120)),
                ("unfreeze_action_id", models.BigIntegerField(null=True)),
                ("unfreeze_asked_at", models.DateTimeField(null=True)),
                ("unfrozen_at", models.DateTimeField(null=True)),
                ("is_frozen", models.BooleanField(editable=False)),
            ],
            options={
                "db_table": "security_freeze",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="FundKind",
            fields=[
                ("name", models.CharField(max_length=30, primary_key=True, serialize=False)),
                ("has_amount", models.BooleanField()),
                ("has_destination", models.BooleanField()),
                ("has_subject", models.BooleanField()),
                ("has_operation", models.BooleanField()),
                ("is_guarded", models.BooleanField()),
            ],
            options={
                "db_table": "security_fundkind",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="FundPolicy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("is_guarded", models.BooleanField()),
                ("asset", models.CharField(blank=True, max_length=20)),
                ("above", models.DecimalField(decimal_places=18, max_digits=38)),
                ("risk", models.CharField(max_length=10)),
                (
                    "methods",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), size=None),
                ),
                ("needs_approval", models.BooleanField()),
                ("cooling_off_s", models.IntegerField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("valid_from", models.DateTimeField()),
            ],
            options={
                "db_table": "security_fundpolicy",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="FundPolicyChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=30)),
                ("is_guarded", models.BooleanField()),
                ("asset", models.CharField(blank=True, max_length=20)),
                ("above", models.DecimalField(decimal_places=18, max_digits=38)),
                ("risk", models.CharField(max_length=10)),
                (
                    "methods",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), size=None),
                ),
                ("needs_approval", models.BooleanField()),
                ("cooling_off_s", models.IntegerField()),
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
                ("hash", models.BinaryField()),
                ("proposer_verified_at", models.DateTimeField()),
                ("proposed_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("confirmer_verified_at", models.DateTimeField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "security_fundpolicychange",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="IdentityCheck",
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
                ("hash", models.BinaryField()),
                ("method", models.CharField(choices=[("totp", "Totp"), ("webauthn", "Webauthn")], max_length=10)),
                ("place", models.IntegerField()),
                ("nonce", models.BinaryField()),
                ("issued_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("attempts", models.IntegerField(db_default=0)),
                ("is_verified", models.BooleanField(db_default=False)),
                ("verified_at", models.DateTimeField(null=True)),
                ("factor_counts_from", models.DateTimeField(null=True)),
                ("evidence", models.JSONField(null=True)),
            ],
            options={
                "db_table": "security_identitycheck",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="StepUp",
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
                    "purpose",
                    models.CharField(
                        choices=[
                            ("action.request", "Request"),
                            ("action.approve", "Approve"),
                            ("policy.propose", "Propose"),
                            ("policy.confirm", "Confirm"),
                        ],
                        max_length=20,
                    ),
                ),
                ("bound_to", models.BinaryField()),
                ("method", models.CharField(choices=[("totp", "Totp"), ("webauthn", "Webauthn")], max_length=10)),
                ("issued_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("attempts", models.IntegerField(db_default=0)),
                ("is_verified", models.BooleanField(db_default=False)),
                ("verified_at", models.DateTimeField(null=True)),
                ("lot", models.BinaryField(null=True)),
            ],
            options={
                "db_table": "security_stepup",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="FactorEnd",
            fields=[
                (
                    "factor",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="end",
                        serialize=False,
                        to="security.customerfactor",
                    ),
                ),
                ("ended_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "db_table": "security_factorend",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Execution",
            fields=[
                (
                    "action",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="execution",
                        serialize=False,
                        to="security.fundaction",
                    ),
                ),
                ("hash", models.BinaryField()),
                ("verified_at", models.DateTimeField()),
                ("approved_at", models.DateTimeField(null=True)),
                ("executed_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "db_table": "security_execution",
                "managed": False,
            },
        ),
    ]
