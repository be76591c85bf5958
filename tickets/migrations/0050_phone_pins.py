"""The support PIN on the phone."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_staff_phones"),
        ("tickets", "0049_phone_desk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="phonecall",
            name="is_pin_proven",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="phonecall",
            name="pin_tries",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="phoneline",
            name="asks_pin",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Customers find it in the portal; whoever has none goes on without.",
                verbose_name="asks for the support PIN",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_pin_proven", False), ("customer__isnull", False), _connector="OR"),
                name="tickets_phonecall_proven_is_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonecall",
            constraint=models.CheckConstraint(
                condition=models.Q(("pin_tries__lte", 5)), name="tickets_phonecall_tries_bounded"
            ),
        ),
    ]
