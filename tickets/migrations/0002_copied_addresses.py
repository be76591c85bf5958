"""Messages keep whom an incoming mail was written to; the default stands in the database, for code that runs still."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_rows")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="copied_addresses",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=320), db_default=[], default=list, size=None
            ),
        ),
    ]
