"""Absences note that what their person had in hand was given back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_push_devices"),
    ]

    operations = [
        migrations.AddField(
            model_name="absence",
            name="given_back_at",
            field=models.DateTimeField(null=True),
        ),
    ]
