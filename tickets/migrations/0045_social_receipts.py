"""What vendors say became of social messages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0044_social_vendors"),
    ]

    operations = [
        migrations.AddField(
            model_name="socialpost",
            name="delivered_at",
            field=models.DateTimeField(null=True, verbose_name="delivered"),
        ),
        migrations.AddField(
            model_name="socialpost",
            name="read_at",
            field=models.DateTimeField(null=True, verbose_name="read"),
        ),
    ]
