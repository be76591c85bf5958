"""Accounts at the exchange, each of one customer."""

import django.db.models.deletion
from django.db import migrations, models

import core.clock


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_rows"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExchangeAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=200, verbose_name="exchange")),
                ("account_id", models.CharField(max_length=100, verbose_name="account")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="created")),
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exchange_account",
                        to="accounts.customer",
                        verbose_name="customer",
                    ),
                ),
            ],
            options={
                "verbose_name": "account at the exchange",
                "verbose_name_plural": "accounts at the exchange",
                "constraints": [
                    models.UniqueConstraint(fields=("issuer", "account_id"), name="accounts_exchangeaccount_once")
                ],
            },
        ),
    ]
