"""Files on their way from visitors, sealed and piece by piece."""

import django.db.models.deletion
from django.db import migrations, models

import core.clock
import core.crypto
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("livechat", "0002_presence_and_offers"),
    ]

    operations = [
        migrations.CreateModel(
            name="VisitorUpload",
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
                (
                    "visitor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uploads",
                        to="livechat.visitor",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="VisitorUploadPart",
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
                        to="livechat.visitorupload",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="visitorupload",
            index=models.Index(fields=["created_at"], name="livechat_visitorupload_age"),
        ),
        migrations.AddConstraint(
            model_name="visitorupload",
            constraint=models.UniqueConstraint(fields=("visitor", "client_id"), name="livechat_visitorupload_once"),
        ),
        migrations.AddConstraint(
            model_name="visitorupload",
            constraint=models.CheckConstraint(
                condition=models.Q(("received__lte", models.F("size"))), name="livechat_visitorupload_within_size"
            ),
        ),
        migrations.AddConstraint(
            model_name="visitoruploadpart",
            constraint=models.UniqueConstraint(fields=("upload", "start"), name="livechat_visitoruploadpart_once"),
        ),
    ]
