"""The support PIN: wrong tries and used ones; a freeze by phone."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

import core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_staff_phones"),
        ("security", "0018_moved_documents_and_factors_to_end"),
    ]

    operations = [
        migrations.CreateModel(
            name="SupportPinTries",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.customer",
                    ),
                ),
                ("wrong", models.PositiveSmallIntegerField(default=0)),
                ("locked_until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SupportPinUse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("used_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="freezeorder",
            name="security_freezeorder_source_known",
        ),
        migrations.AlterField(
            model_name="freezeorder",
            name="source",
            field=models.CharField(
                choices=[("portal", "Portal"), ("link", "Link in a mail"), ("desk", "Desk"), ("phone", "Phone")],
                max_length=10,
            ),
        ),
        AddConstraintNotValid(
            model_name="freezeorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", ["portal", "link", "desk", "phone"])),
                name="security_freezeorder_source_known",
            ),
        ),
        ValidateConstraint(model_name="freezeorder", name="security_freezeorder_source_known"),
        migrations.AddConstraint(
            model_name="supportpintries",
            constraint=models.CheckConstraint(
                condition=models.Q(("wrong__lt", 5)), name="security_supportpin_wrong_bounded"
            ),
        ),
        migrations.AddField(
            model_name="supportpinuse",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.customer"
            ),
        ),
    ]
