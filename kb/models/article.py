"""Articles, their translations, the revisions of these, and who has reviewed which."""

from typing import ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from kb import languages
from kb.models.tree import SLUG, Section, plain_slug

MOST_TAGS = 20
# The slug of a translation may have letters of any script.
TRANSLATED_SLUG = r"^[^\s/?#%\\<>\"']{1,120}$"

_REVIEWED = """
    IF NOT EXISTS (SELECT FROM kb_revision WHERE id = NEW.published_id AND translation_id = NEW.id) THEN
        RAISE EXCEPTION 'a translation publishes a revision of its own'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'kb_translation_publishes_its_own';
    END IF;
    IF EXISTS (SELECT FROM kb_revision WHERE id = NEW.published_id AND author_id IS NOT NULL)
       AND NOT EXISTS (
           SELECT FROM kb_review WHERE revision_id = NEW.published_id AND verdict = 'approved'
       ) THEN
        RAISE EXCEPTION 'a revision is published after another person has approved it'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'kb_translation_published_reviewed';
    END IF;
    RETURN NEW;
"""
_ANOTHER_PERSON = """
    IF EXISTS (SELECT FROM kb_revision WHERE id = NEW.revision_id AND author_id = NEW.reviewer_id) THEN
        RAISE EXCEPTION 'nobody reviews what they have written themselves'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'kb_review_by_another_person';
    END IF;
    RETURN NEW;
"""
_FOR_GOOD = "RAISE EXCEPTION 'a revision is for good: write another one';"


class State(models.TextChoices):
    """Where the newest revision of a translation is on its way to readers."""

    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("In review")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")


class Significance(models.TextChoices):
    """What a change means to the translations, and to readers of an older one."""

    TYPO = "typo", _("Typing error: translations stay valid")
    CONTENT = "content", _("Content: translations are to follow")
    MAJOR = "major", _("Major: readers of outdated translations are warned")


class ArticleQuerySet(models.QuerySet["Article"]):
    """Adjectives of articles."""

    def public(self) -> Self:
        """Those that anybody may read."""
        return self.filter(is_staff_only=False)


class Article(models.Model):
    """One thing that is explained; its words stand in translations."""

    public_id = public_id_field()
    # By this, articles name each other (`kb:slug`), and imports find theirs again.
    slug = models.CharField(_("short name"), max_length=120, unique=True, validators=[plain_slug])
    section = models.ForeignKey(Section, verbose_name=_("section"), on_delete=models.PROTECT, related_name="articles")
    position = models.PositiveSmallIntegerField(_("order"), default=100)
    is_staff_only = models.BooleanField(_("for staff only"), default=False)
    is_faq = models.BooleanField(_("asked often"), default=False)
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("products and assets"), default=list, blank=True)
    related = models.ManyToManyField("self", verbose_name=_("related"), symmetrical=False, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(db_default=DatabaseNow())

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(name="kb_article_slug_plain", condition=Q(slug__regex=SLUG)),
            models.CheckConstraint(name="kb_article_tags_bounded", condition=Q(tags__len__lte=MOST_TAGS)),
        ]
        # a list narrowed by product or asset
        indexes = [GinIndex(fields=["tags"], name="kb_article_tagged")]

    def __str__(self) -> str:
        return self.slug


class TranslationQuerySet(models.QuerySet["Translation"]):
    """Adjectives of translations."""

    def published(self) -> Self:
        """Those with a revision that is shown."""
        return self.filter(published__isnull=False)

    def public(self) -> Self:
        """Those that anybody may read."""
        return self.published().filter(article__is_staff_only=False)


class Translation(models.Model):
    """One article in one language: where it stands, and which of its revisions is shown."""

    public_id = public_id_field()
    # Found by `kb_translation_once`.
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="translations", db_index=False)
    language = models.CharField(_("language"), max_length=10, choices=languages.CHOICES)
    slug = models.CharField(_("address"), max_length=120)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    # The newest one, which editors see; empty only while the first is being written.
    current = models.ForeignKey("kb.Revision", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # The one that readers see.
    published = models.ForeignKey("kb.Revision", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    first_published_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    review_by = models.DateField(_("look at it again by"), null=True, blank=True)
    updated_at = models.DateTimeField(db_default=DatabaseNow())

    objects = TranslationQuerySet.as_manager()

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(fields=["article", "language"], name="kb_translation_once"),
            models.UniqueConstraint(fields=["language", "slug"], name="kb_translation_address_once"),
            models.CheckConstraint(name="kb_translation_slug_plain", condition=Q(slug__regex=TRANSLATED_SLUG)),
            models.CheckConstraint(
                name="kb_translation_language_known", condition=Q(language__in=list(languages.LANGUAGES))
            ),
            models.CheckConstraint(name="kb_translation_state_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="kb_translation_published_is_shown",
                condition=~Q(state="published") | Q(published__isnull=False, published=F("current")),
            ),
            models.CheckConstraint(
                name="kb_translation_archived_is_not_shown",
                condition=~Q(state="archived") | Q(published__isnull=True),
            ),
            models.CheckConstraint(
                name="kb_translation_published_has_time",
                condition=Q(published__isnull=True) | Q(published_at__isnull=False, first_published_at__isnull=False),
            ),
        ]
        indexes = [
            # the desk's lists: newest changes of a state first
            models.Index(fields=["state", "-updated_at"], name="kb_translation_in_state"),
            # what is to be looked at again
            models.Index(fields=["review_by"], name="kb_translation_review_by", condition=Q(published__isnull=False)),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="kb_translation_published_reviewed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.published_id IS NOT NULL"),
                func=_REVIEWED,
            )
        ]

    def __str__(self) -> str:
        return f"{self.slug} ({self.language})"


class Revision(models.Model):
    """What a translation said at one moment, as Markdown and as safe HTML; never changed, never deleted."""

    public_id = public_id_field()
    # Found by `kb_revision_number_once`.
    translation = models.ForeignKey(Translation, on_delete=models.PROTECT, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=160)
    summary = models.CharField(_("summary"), max_length=400, blank=True)
    body = models.TextField(_("text"), max_length=100_000)
    # Made of `body` by kb.markdown, which lets nothing unsafe by.
    html = models.TextField()
    # Empty: imported by a command, for which its operator answers.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    significance = models.CharField(
        _("what the change means"), max_length=8, choices=Significance.choices, default=Significance.CONTENT
    )
    comment = models.CharField(_("comment"), max_length=300, blank=True)
    # Which revision of the same translation was changed or restored.
    based_on = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Up to which revision of the source language it says the same.
    translates = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    is_machine = models.BooleanField(_("by a machine"), default=False)
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        constraints = [
            models.UniqueConstraint(fields=["translation", "number"], name="kb_revision_number_once"),
            models.CheckConstraint(
                name="kb_revision_significance_known", condition=Q(significance__in=Significance.values)
            ),
            models.CheckConstraint(name="kb_revision_says_something", condition=~Q(title="")),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="kb_revision_for_good",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_FOR_GOOD,
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"


class Review(models.Model):
    """What another person said about one revision."""

    class Verdict(models.TextChoices):
        """Whether it may go out."""

        APPROVED = "approved", _("Approved")
        RETURNED = "returned", _("Sent back")

    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    comment = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.CheckConstraint(name="kb_review_verdict_known", condition=Q(verdict__in=["approved", "returned"])),
            models.UniqueConstraint(
                fields=["revision"], condition=Q(verdict="approved"), name="kb_review_approved_once"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="kb_review_by_another_person",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_ANOTHER_PERSON,
            )
        ]

    def __str__(self) -> str:
        return self.verdict


class SlugRedirect(models.Model):
    """An address that a translation had before; it still leads there."""

    language = models.CharField(max_length=10, choices=languages.CHOICES)
    slug = models.CharField(max_length=120)
    translation = models.ForeignKey(Translation, on_delete=models.PROTECT, related_name="former_slugs")
    created_at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "slug"], name="kb_slugredirect_once"),
            models.CheckConstraint(name="kb_slugredirect_slug_plain", condition=Q(slug__regex=TRANSLATED_SLUG)),
        ]

    def __str__(self) -> str:
        return self.slug
