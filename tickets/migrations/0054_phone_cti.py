"""A PBX of our own, which tells of its calls."""

from django.db import migrations, models

import core.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0053_phone_recordings"),
    ]

    operations = [
        migrations.AddField(
            model_name="phoneline",
            name="cti_secret",
            field=core.crypto.EncryptedTextField(blank=True, db_default="", verbose_name="secret of the PBX"),
        ),
        migrations.AlterField(
            model_name="phoneline",
            name="account_sid",
            field=models.CharField(blank=True, max_length=64, verbose_name="account at the provider"),
        ),
        migrations.AlterField(
            model_name="phoneline",
            name="token",
            field=core.crypto.EncryptedTextField(blank=True, verbose_name="secret of the account"),
        ),
    ]
