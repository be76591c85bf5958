"""Languages that colleagues speak: all that detection knows, not those of our pages alone. No statement."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_staff_phones"),
    ]

    operations = [
        migrations.AlterField(
            model_name="presence",
            name="languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("en", "English"),
                        ("zh-hans", "简体中文"),
                        ("zh-hant", "繁體中文"),
                        ("es", "español"),
                        ("de", "Deutsch"),
                        ("pt", "Português"),
                        ("ru", "Русский"),
                        ("tr", "Türkçe"),
                        ("vi", "Tiếng Việt"),
                        ("ja", "日本語"),
                        ("ko", "한국어"),
                        ("ar", "العربيّة"),
                        ("fr", "français"),
                        ("it", "italiano"),
                        ("id", "Bahasa Indonesia"),
                    ],
                    max_length=16,
                ),
                default=list,
                size=None,
                verbose_name="languages",
            ),
        ),
    ]
