"""Who is told of news: whoever wants bulletins, or follows the article and reads this of its languages."""

from django.db.models import QuerySet

from kb import languages
from kb.models import Bulletin, News, Subscription, Translation


def of(row: News) -> "QuerySet[Subscription]":
    """Return them; nobody of what was withdrawn or archived meanwhile."""
    confirmed = Subscription.objects.confirmed()
    if row.bulletin is not None:
        is_out = row.bulletin.state == Bulletin.State.PUBLISHED
        return confirmed.filter(article__isnull=True) if is_out else confirmed.none()
    if row.revision is None or row.revision.translation.published_id is None:
        return confirmed.none()
    translation = row.revision.translation
    return confirmed.filter(article=translation.article_id, language__in=_readers_of(translation))


def _readers_of(translation: Translation) -> list[str]:
    """Return the languages whose readers are shown this translation."""
    public = Translation.objects.public().filter(article=translation.article_id)
    there = set(public.values_list("language", flat=True))
    shown = {code: next((one for one in languages.chain(code) if one in there), "") for code in languages.LANGUAGES}
    return [code for code, one in shown.items() if one == translation.language]
