"""Numbers on which people of ours take calls."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_absences_give_back"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffPhone",
            fields=[
                (
                    "staff",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="phone",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("number", core.crypto.EncryptedTextField()),
                ("checked_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
        ),
    ]
