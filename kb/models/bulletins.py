"""Bulletins: what readers have to know now about the security of their accounts."""

from typing import ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from kb import languages

MOST_PRODUCTS = 20

_SAID_IN_ENGLISH = """
    IF NOT EXISTS (SELECT FROM kb_bulletintext WHERE bulletin_id = NEW.id AND language = 'en') THEN
        RAISE EXCEPTION 'a bulletin is published in English at least, which stands in for every language'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'kb_bulletin_said_in_english';
    END IF;
    RETURN NEW;
"""
_FIXED = """
    IF NEW.state = 'draft' OR (OLD.state = 'withdrawn' AND NEW.state <> 'withdrawn')
       OR (NEW.severity, NEW.products, NEW.starts_at, NEW.author_id, NEW.published_by_id, NEW.published_at)
          IS DISTINCT FROM
          (OLD.severity, OLD.products, OLD.starts_at, OLD.author_id, OLD.published_by_id, OLD.published_at) THEN
        RAISE EXCEPTION 'what a bulletin says is fixed once it is published: withdraw it, and write another one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'kb_bulletin_fixed';
    END IF;
    RETURN NEW;
"""
_OF_A_DRAFT = """
    IF EXISTS (SELECT FROM kb_bulletin WHERE id = COALESCE(NEW.bulletin_id, OLD.bulletin_id) AND state <> 'draft') THEN
        RAISE EXCEPTION 'what a bulletin says is fixed once it is published: withdraw it, and write another one'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'kb_bulletintext_of_a_draft';
    END IF;
    RETURN COALESCE(NEW, OLD);
"""


class Severity(models.TextChoices):
    """How bad it is, the worst first."""

    CRITICAL = "critical", _("Critical")
    WARNING = "warning", _("Warning")
    INFO = "info", _("Information")


class BulletinQuerySet(models.QuerySet["Bulletin"]):
    """Adjectives of bulletins."""

    def begun(self) -> Self:
        """Published ones whose time has come."""
        return self.filter(state=Bulletin.State.PUBLISHED, starts_at__lte=DatabaseNow())

    def running(self) -> Self:
        """Those that stand above every page now."""
        return self.begun().filter(Q(ends_at__isnull=True) | Q(ends_at__gt=DatabaseNow()))


class Bulletin(models.Model):
    """One warning: how bad, of which products, from when until when; its words stand in texts."""

    class State(models.TextChoices):
        """Where it is."""

        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    public_id = public_id_field()
    severity = models.CharField(_("severity"), max_length=10, choices=Severity.choices, default=Severity.WARNING)
    products = ArrayField(models.CharField(max_length=40), verbose_name=_("products"), default=list, blank=True)
    starts_at = models.DateTimeField(_("from"), db_default=DatabaseNow())
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    # Whoever wrote its words last.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    published_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    withdrawn_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = _("bulletin")
        verbose_name_plural = _("bulletins")
        constraints = [
            models.CheckConstraint(name="kb_bulletin_severity_known", condition=Q(severity__in=Severity.values)),
            models.CheckConstraint(
                name="kb_bulletin_state_known", condition=Q(state__in=["draft", "published", "withdrawn"])
            ),
            models.CheckConstraint(name="kb_bulletin_products_bounded", condition=Q(products__len__lte=MOST_PRODUCTS)),
            models.CheckConstraint(
                name="kb_bulletin_ends_after_its_start",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="kb_bulletin_published_by_somebody",
                condition=Q(state="draft", published_by__isnull=True, published_at__isnull=True)
                | (~Q(state="draft") & Q(published_by__isnull=False, published_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="kb_bulletin_published_by_another_person",
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("author")),
            ),
            models.CheckConstraint(
                name="kb_bulletin_withdrawn_by_somebody",
                condition=(~Q(state="withdrawn") & Q(withdrawn_by__isnull=True, withdrawn_at__isnull=True))
                | Q(state="withdrawn", withdrawn_by__isnull=False, withdrawn_at__isnull=False),
            ),
        ]
        # every page of customers: what runs now
        indexes = [models.Index(fields=["-starts_at"], name="kb_bulletin_public", condition=Q(state="published"))]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="kb_bulletin_said_in_english",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.state = 'published'"),
                func=_SAID_IN_ENGLISH,
            ),
            pgtrigger.Trigger(
                name="kb_bulletin_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state <> 'draft'"),
                func=_FIXED,
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class BulletinText(models.Model):
    """What a bulletin says in one language; the words are Markdown, as articles have it."""

    # Found by `kb_bulletintext_once`.
    bulletin = models.ForeignKey(Bulletin, on_delete=models.PROTECT, related_name="texts", db_index=False)
    language = models.CharField(_("language"), max_length=10, choices=languages.CHOICES)
    title = models.CharField(_("title"), max_length=160)
    happened = models.TextField(_("what happened"), max_length=4000)
    affected = models.TextField(_("what is affected"), max_length=2000, blank=True)
    to_do = models.TextField(_("what to do"), max_length=4000)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bulletin", "language"], name="kb_bulletintext_once"),
            models.CheckConstraint(
                name="kb_bulletintext_language_known", condition=Q(language__in=list(languages.LANGUAGES))
            ),
            models.CheckConstraint(name="kb_bulletintext_says_something", condition=~Q(title="") & ~Q(to_do="")),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="kb_bulletintext_of_a_draft",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_OF_A_DRAFT,
            )
        ]

    def __str__(self) -> str:
        return self.title
