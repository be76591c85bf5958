"""Answers to guided forms that come later, in the conversation."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0055_sms"),
    ]

    operations = [
        migrations.AddField(
            model_name="guidedanswer",
            name="message_seq",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
