"""API tokens: bearer secrets with scopes and an end, tied to the person they act for."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field


class ApiToken(models.Model):
    """One bearer token, kept as a hash. It can never do more than its person and its scopes both allow."""

    class Scope(models.TextChoices):
        """What a token may be used for."""

        READ = "read"
        WRITE = "write"
        INTAKE = "intake"

    public_id = public_id_field()
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("staff member"), on_delete=models.CASCADE, related_name="api_tokens"
    )
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices), verbose_name=_("scopes"))
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True)
    used_at = models.DateTimeField(_("last used"), null=True)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(
                name="security_apitoken_scopes_known",
                condition=models.Q(scopes__contained_by=["read", "write", "intake"]),
            )
        ]

    def __str__(self) -> str:
        return self.name
