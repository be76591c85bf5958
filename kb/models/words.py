"""Words: the glossary, synonyms, and what the search has read."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import public_id_field
from kb import languages
from kb.models.article import Article, Translation
from kb.models.tree import Category


class GlossaryTerm(models.Model):
    """What a word means, in one language."""

    public_id = public_id_field()
    language = models.CharField(_("language"), max_length=10, choices=languages.CHOICES)
    term = models.CharField(_("term"), max_length=60)
    meaning = models.CharField(_("meaning"), max_length=500)

    class Meta:
        verbose_name = _("glossary term")
        verbose_name_plural = _("glossary")
        ordering = ["language", "term"]
        constraints = [
            models.UniqueConstraint(fields=["language", "term"], name="kb_glossaryterm_once"),
            models.CheckConstraint(
                name="kb_glossaryterm_language_known", condition=Q(language__in=list(languages.LANGUAGES))
            ),
        ]

    def __str__(self) -> str:
        return self.term


class Synonym(models.Model):
    """Words of one language that mean the same to the search; each finds the others."""

    public_id = public_id_field()
    language = models.CharField(_("language"), max_length=10, choices=languages.CHOICES)
    words = ArrayField(models.CharField(max_length=60), verbose_name=_("words"), help_text=_("Separated by commas."))

    class Meta:
        verbose_name = _("synonyms")
        verbose_name_plural = _("synonyms")
        ordering = ["language", "pk"]
        constraints = [
            models.CheckConstraint(name="kb_synonym_some_words", condition=Q(words__len__gte=2, words__len__lte=30)),
            models.CheckConstraint(
                name="kb_synonym_language_known", condition=Q(language__in=list(languages.LANGUAGES))
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(self.words)


class SearchDocument(models.Model):
    """What the search knows of one published translation; written anew whenever that is published."""

    translation = models.OneToOneField(Translation, on_delete=models.CASCADE, primary_key=True, related_name="document")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+", db_index=False)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+", db_index=False)
    language = models.CharField(max_length=10)
    is_staff_only = models.BooleanField()
    tags = ArrayField(models.CharField(max_length=40), default=list)
    title = models.CharField(max_length=160)
    summary = models.CharField(max_length=400)
    # Plain text, without anything that names a person or an account.
    text = models.TextField()
    # Title alone, and all of it: A title, B summary and tags, C text.
    title_vector = SearchVectorField()
    vector = SearchVectorField()
    # Words as readers write them, for the vocabulary.
    words = ArrayField(models.CharField(max_length=60), default=list)
    # From 0 to 1: what votes say, and how fresh it is.
    quality = models.FloatField(default=0.5)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(fields=["title_vector"], name="kb_searchdocument_title"),
            GinIndex(fields=["vector"], name="kb_searchdocument_all"),
            # the best of a language, where a query matches too many
            models.Index(fields=["language", "-quality"], name="kb_searchdocument_best"),
        ]

    def __str__(self) -> str:
        return self.title


class SearchWord(models.Model):
    """One word of the published articles of a language, and in how many of them it is."""

    language = models.CharField(max_length=10)
    word = models.CharField(max_length=60)
    documents = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["language", "word"], name="kb_searchword_once")]

    def __str__(self) -> str:
        return self.word


class SearchVersion(models.Model):
    """How often the words or synonyms of a language have changed: what a process has read before may be old."""

    language = models.CharField(max_length=10, primary_key=True)
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.language
