"""Files of guided forms on their way in pieces."""

import django.db.models.deletion
from django.db import migrations, models

import core.clock
import core.crypto
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0042_guided"),
    ]

    operations = [
        migrations.CreateModel(
            name="FormUpload",
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
                ("client_id", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=250)),
                ("size", models.PositiveIntegerField()),
                ("received", models.PositiveIntegerField(default=0)),
                ("key", core.crypto.EncryptedTextField()),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("copy", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="tickets_formupload_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("copy", "client_id"), name="tickets_formupload_once"),
                    models.CheckConstraint(
                        condition=models.Q(("received__lte", models.F("size"))), name="tickets_formupload_within_size"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FormUploadPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                (
                    "upload",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="tickets.formupload",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("upload", "start"), name="tickets_formuploadpart_once")
                ],
            },
        ),
    ]
