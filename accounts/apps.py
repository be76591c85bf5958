"""App configuration of the accounts floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """The accounts floor."""

    name = "accounts"
    verbose_name = _("People")
