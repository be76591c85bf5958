"""More vendors of social channels: their credentials, longer names of events, and public conversations."""

import django.contrib.postgres.fields
from django.db import migrations, models

import core.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_absences_give_back"),
        ("tickets", "0043_form_uploads"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="socialaccount",
            name="tickets_socialaccount_kind_known",
        ),
        migrations.AddField(
            model_name="socialaccount",
            name="app_key",
            field=models.CharField(blank=True, db_default="", max_length=120, verbose_name="key of the application"),
        ),
        migrations.AddField(
            model_name="socialaccount",
            name="app_secret",
            field=core.crypto.EncryptedTextField(blank=True, db_default="", verbose_name="secret of the application"),
        ),
        migrations.AddField(
            model_name="socialaccount",
            name="external_id",
            field=models.CharField(blank=True, db_default="", max_length=64, verbose_name="number at the vendor"),
        ),
        migrations.AddField(
            model_name="socialaccount",
            name="token_secret",
            field=core.crypto.EncryptedTextField(blank=True, db_default="", verbose_name="secret of the access token"),
        ),
        migrations.AddField(
            model_name="socialchat",
            name="heard_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="socialchat",
            name="is_public",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="socialaccount",
            name="kind",
            field=models.CharField(
                choices=[
                    ("telegram", "Telegram"),
                    ("messenger", "Facebook Messenger"),
                    ("whatsapp", "WhatsApp"),
                    ("x", "X"),
                ],
                max_length=12,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="socialchat",
            name="external_id",
            field=models.CharField(max_length=80),
        ),
        migrations.AlterField(
            model_name="socialevent",
            name="event_id",
            field=models.CharField(max_length=200, verbose_name="event id"),
        ),
        migrations.AlterField(
            model_name="socialevent",
            name="stream",
            field=models.CharField(max_length=80),
        ),
        migrations.AlterField(
            model_name="socialitem",
            name="album",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="socialitem",
            name="external_id",
            field=models.CharField(max_length=200),
        ),
        migrations.AlterField(
            model_name="socialpost",
            name="external_ids",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=200), default=list, size=None
            ),
        ),
        migrations.AddConstraint(
            model_name="socialaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["telegram", "messenger", "whatsapp", "x"])),
                name="tickets_socialaccount_kind_known",
            ),
        ),
    ]
