"""App configuration of the accounts floor."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The accounts floor."""

    name = "accounts"
    verbose_name = "People"
