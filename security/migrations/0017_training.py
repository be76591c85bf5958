"""Training certificates of staff, and that who asks, approves or reviews holds one. The models read."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import core.clock
import core.ids

SQL = (Path(__file__).parent / "training.sql").read_text("utf-8")


class Migration(migrations.Migration):
    dependencies = [("security", "0016_declines")]

    operations = [
        migrations.RunSQL(SQL),
        migrations.CreateModel(
            name="TrainingCertificate",
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
                ("course", models.CharField(db_default="fund-actions", max_length=20, verbose_name="course")),
                ("recorded_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="recorded")),
                ("valid_until", models.DateTimeField(verbose_name="counts until")),
            ],
            options={
                "verbose_name": "training certificate",
                "verbose_name_plural": "training certificates",
                "db_table": "security_trainingcertificate",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="TrainingWithdrawal",
            fields=[
                (
                    "certificate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="withdrawal",
                        serialize=False,
                        to="security.trainingcertificate",
                        verbose_name="training certificate",
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("withdrawn_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="withdrawn")),
            ],
            options={
                "verbose_name": "withdrawn training certificate",
                "verbose_name_plural": "withdrawn training certificates",
                "db_table": "security_trainingwithdrawal",
                "managed": False,
            },
        ),
    ]
