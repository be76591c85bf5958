"""The shelves of the help centre: categories and their sections, named in each language."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import public_id_field
from kb import languages

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
plain_slug = RegexValidator(SLUG, _("Small letters, digits and hyphens."))


class Category(models.Model):
    """One subject on the help centre's first page; its names stand in its texts."""

    public_id = public_id_field()
    slug = models.CharField(_("short name"), max_length=60, unique=True, validators=[plain_slug])
    position = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "slug"]
        constraints = [models.CheckConstraint(name="kb_category_slug_plain", condition=Q(slug__regex=SLUG))]

    def __str__(self) -> str:
        return self.slug


class CategoryText(models.Model):
    """What a category is called in one language."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="texts", db_index=False)
    language = models.CharField(_("language"), max_length=10, choices=languages.CHOICES)
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("name in a language")
        verbose_name_plural = _("names in languages")
        constraints = [
            models.UniqueConstraint(fields=["category", "language"], name="kb_categorytext_once"),
            models.CheckConstraint(
                name="kb_categorytext_language_known", condition=Q(language__in=list(languages.LANGUAGES))
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Section(models.Model):
    """One part of a category, which holds articles."""

    public_id = public_id_field()
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="sections"
    )
    slug = models.CharField(_("short name"), max_length=60, unique=True, validators=[plain_slug])
    position = models.PositiveSmallIntegerField(_("order"), default=100)

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "slug"]
        constraints = [models.CheckConstraint(name="kb_section_slug_plain", condition=Q(slug__regex=SLUG))]

    def __str__(self) -> str:
        return self.slug


class SectionText(models.Model):
    """What a section is called in one language."""

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="texts", db_index=False)
    language = models.CharField(_("language"), max_length=10, choices=languages.CHOICES)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("name in a language")
        verbose_name_plural = _("names in languages")
        constraints = [
            models.UniqueConstraint(fields=["section", "language"], name="kb_sectiontext_once"),
            models.CheckConstraint(
                name="kb_sectiontext_language_known", condition=Q(language__in=list(languages.LANGUAGES))
            ),
        ]

    def __str__(self) -> str:
        return self.name
