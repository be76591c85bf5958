"""Skills and who has them, at which level."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import public_id_field

HIGHEST = 5


class Skill(models.Model):
    """Something that not everybody knows, such as tax reports or one blockchain. Languages are kept with presence."""

    public_id = public_id_field()
    name = models.CharField(_("name"), max_length=60, unique=True)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("What is switched off is asked of nobody any more.")
    )

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class StaffSkill(models.Model):
    """One skill of one person, from 1 (has learnt it) to 5 (teaches it)."""

    # Found by `accounts_staffskill_once`.
    skill = models.ForeignKey(
        Skill, verbose_name=_("skill"), on_delete=models.CASCADE, related_name="people", db_index=False
    )
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("staff member"), on_delete=models.CASCADE, related_name="skills"
    )
    level = models.PositiveSmallIntegerField(
        _("level"), default=1, validators=[MinValueValidator(1), MaxValueValidator(HIGHEST)]
    )

    class Meta:
        verbose_name = _("person with this skill")
        verbose_name_plural = _("people with this skill")
        constraints = [
            models.UniqueConstraint(fields=["skill", "staff"], name="accounts_staffskill_once"),
            models.CheckConstraint(
                name="accounts_staffskill_level_bounded", condition=Q(level__gte=1, level__lte=HIGHEST)
            ),
        ]

    def __str__(self) -> str:
        return f"skill {self.skill_id} of {self.staff_id}"
