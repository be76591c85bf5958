"""SMS: accounts of that kind, and who has asked to get no more messages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0054_phone_cti"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="socialaccount",
            name="tickets_socialaccount_kind_known",
        ),
        migrations.AddField(
            model_name="socialchat",
            name="stopped_at",
            field=models.DateTimeField(null=True),
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
                    ("discord", "Discord"),
                    ("sms", "SMS"),
                ],
                max_length=12,
                verbose_name="channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="socialaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["telegram", "messenger", "whatsapp", "x", "discord", "sms"])),
                name="tickets_socialaccount_kind_known",
            ),
        ),
    ]
