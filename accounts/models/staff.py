"""Staff: the people who work at the desk."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.permissions import ROLE_PERMISSIONS, SENSITIVE_ROLES, Permission, Role
from core.audit import Actor
from core.clock import DatabaseNow
from core.ids import public_id_field


def initials(name: str) -> str:
    """Return two letters for the avatar of a staff member."""
    parts = name.split()
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()[:2]


class StaffManager(BaseUserManager["Staff"]):
    """Creates staff by address."""

    def create_staff(self, *, email: str, name: str, role: str, password: str | None = None, **more: Any) -> "Staff":
        """Insert one person; without a password they can only come in by invitation."""
        person = self.model(email=email.strip().lower(), name=name, role=role, **more)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> "Staff":
        """Find by address, whatever its case."""
        return self.get(email=(username or "").strip().lower())


class Staff(AbstractBaseUser):
    """One person who signs in to the desk. There is no superuser: rights come from `role` alone."""

    class Theme(models.TextChoices):
        """Colours of the pages."""

        SYSTEM = "system", _("Like my device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    public_id = public_id_field()
    email = models.EmailField(_("email address"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(_("role"), max_length=16, choices=Role.choices, default=Role.LIGHT_AGENT)
    is_active = models.BooleanField(_("may sign in"), default=True)
    locale = models.CharField(_("language"), max_length=16, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    theme = models.CharField(_("theme"), max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    # By the wall clock of their zone; past midnight where the end is no later. Both or none.
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=DatabaseNow())
    # Raised to end every session at once: a session remembers the epoch it was opened under.
    session_epoch = models.PositiveIntegerField(default=0)

    objects: ClassVar[StaffManager] = StaffManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("staff member")
        verbose_name_plural = _("staff")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="accounts_staff_role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(name="accounts_staff_email_lower", condition=Q(email=Lower("email"))),
            models.CheckConstraint(
                name="accounts_staff_quiet_whole",
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
            ),
            models.CheckConstraint(
                name="accounts_staff_theme_known", condition=Q(theme__in=["system", "light", "dark"])
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def has(self, permission: Permission) -> bool:
        """Whether this person's role grants `permission`; inactive people have none."""
        return self.is_active and permission in ROLE_PERMISSIONS.get(self.role, frozenset())

    @property
    def actor(self) -> Actor:
        """This person in the audit log."""
        return Actor("staff", self.public_id)

    @property
    def is_sensitive(self) -> bool:
        """Whether the short idle limit applies."""
        return self.role in SENSITIVE_ROLES

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        return initials(self.name)

    @property
    def hue(self) -> int:
        """A stable colour of the avatar, 0 to 7."""
        return sum(self.public_id.encode()) % 8

    @property
    def role_name(self) -> str:
        """The role as people read it."""
        return self.get_role_display()

    # What Django admin asks for.
    @property
    def is_staff(self) -> bool:
        """Whether Django admin opens at all."""
        return self.has(Permission.ADMIN_SITE)

    @property
    def is_superuser(self) -> bool:
        """Never: nobody is above the rules."""
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django admin's question; each ModelAdmin answers by our permissions instead."""
        return False

    def has_module_perms(self, app_label: str) -> bool:
        """Whether an app is listed in Django admin."""
        return self.is_staff
