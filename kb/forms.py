"""Forms of the editors' pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kb import languages
from kb.models import Article, Section, Significance
from kb.models.tree import plain_slug
from kb.services.writing import Placing, Wording

LANGUAGES = [(code, languages.name(code)) for code in languages.LANGUAGES]


class WordingForm(forms.Form):
    """What a revision says, and what the change means."""

    title = forms.CharField(label=_("Title"), max_length=160)
    summary = forms.CharField(label=_("Summary"), max_length=400, required=False)
    body = forms.CharField(label=_("Text (Markdown)"), max_length=100_000, widget=forms.Textarea, strip=False)
    significance = forms.ChoiceField(
        label=_("What the change means"), choices=Significance.choices, initial=Significance.CONTENT
    )
    comment = forms.CharField(label=_("Comment for reviewers"), max_length=300, required=False)
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput, required=False, initial=0)

    @property
    def wording(self) -> Wording:
        """Return what was written."""
        given = self.cleaned_data
        return Wording(title=given["title"], summary=given["summary"], body=given["body"])


class PlacingForm(forms.Form):
    """Where an article stands."""

    section = forms.ModelChoiceField(
        label=_("Section"),
        queryset=Section.objects.select_related("category").order_by("category__position", "position"),
    )
    position = forms.IntegerField(label=_("Order"), min_value=0, max_value=30_000, initial=100)
    tags = forms.CharField(label=_("Products and assets, separated by commas"), max_length=500, required=False)
    related = forms.CharField(
        label=_("Related articles: short names, separated by commas"), max_length=900, required=False
    )
    is_staff_only = forms.BooleanField(label=_("For staff only"), required=False)
    is_faq = forms.BooleanField(label=_("Asked often"), required=False)

    @property
    def placing(self) -> Placing:
        """Return where it is to stand."""
        given = self.cleaned_data
        return Placing(
            section=given["section"],
            position=given["position"],
            is_staff_only=given["is_staff_only"],
            is_faq=given["is_faq"],
            tags=tuple(one.lower()[:40] for one in listed(given["tags"])[:20]),
            related=tuple(listed(given["related"])),
        )


class NewArticleForm(PlacingForm, WordingForm):
    """A new article with its first words."""

    slug = forms.CharField(label=_("Short name"), max_length=120, validators=[plain_slug])
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, initial=languages.SOURCE)
    field_order = ("section", "slug", "language", "title", "summary", "body", "tags", "related", "position")


class PublishForm(forms.Form):
    """When, and with which words to the author."""

    seen = forms.IntegerField(min_value=1)
    at = forms.DateTimeField(required=False)
    comment = forms.CharField(max_length=500, required=False)


class PictureForm(forms.Form):
    """A picture for articles."""

    file = forms.FileField(label=_("Picture"))
    description = forms.CharField(label=_("What it shows, for those who cannot see it"), max_length=300)


def listed(text: str) -> list[str]:
    """Return the words between commas."""
    return [one.strip() for one in text.replace("，", ",").split(",") if one.strip()]


def placed(article: Article) -> dict[str, Any]:
    """Return where an article stands now, as the form's values."""
    return {
        "section": article.section_id,
        "position": article.position,
        "tags": ", ".join(article.tags),
        "related": ", ".join(article.related.values_list("slug", flat=True)),
        "is_staff_only": article.is_staff_only,
        "is_faq": article.is_faq,
    }
