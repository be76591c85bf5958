"""What the app role may do with the tables of the help centre."""

from core.grants import ALL, APPEND_ONLY, FULL, Grant
from core.models.leased import Leased

LEASE = tuple(field.name for field in Leased._meta.fields)

GRANTS: dict[str, Grant] = {
    "kb.Category": Grant(insert=ALL, update=("slug", "position")),
    "kb.CategoryText": FULL,
    "kb.Section": Grant(insert=ALL, update=("slug", "position", "category_id")),
    "kb.SectionText": FULL,
    # Archived, never deleted: votes and tickets name it.
    "kb.Article": Grant(insert=ALL, update=("slug", "section_id", "position", "is_staff_only", "is_faq", "tags")),
    "kb.Article_related": Grant(insert=ALL, delete=True),
    # Of which article and language it is, is for good.
    "kb.Translation": Grant(
        insert=ALL,
        update=(
            "slug",
            "state",
            "current_id",
            "published_id",
            "first_published_at",
            "published_at",
            "reviewed_by_id",
            "review_by",
            "updated_at",
        ),
    ),
    # What was written, and what was said of it, is for good.
    "kb.Revision": APPEND_ONLY,
    "kb.Review": APPEND_ONLY,
    "kb.Comment": APPEND_ONLY,
    "kb.SlugRedirect": Grant(insert=ALL, delete=True),
    "kb.EditLock": Grant(insert=ALL, update=("holder_id", "until"), delete=True),
    "kb.ScheduledPublication": Grant(insert=ALL, update=LEASE),
    "kb.Picture": Grant(insert=ALL, update=("description",)),
    "kb.Vote": Grant(insert=ALL, update=("is_helpful", "reason", "at")),
    "kb.Feedback": Grant(insert=ALL, update=("handled_by_id", "handled_at")),
    "kb.SearchQueryLog": Grant(insert=ALL, update=("searches", "found_nothing", "clicks"), delete=True),
    "kb.ArticleClick": Grant(insert=ALL, update=("clicks",), delete=True),
    "kb.Deflection": APPEND_ONLY,
    # What a bulletin says is fixed with its publication; it is withdrawn, never deleted.
    "kb.Bulletin": Grant(
        insert=ALL,
        update=(
            "severity",
            "products",
            "starts_at",
            "ends_at",
            "state",
            "author_id",
            "published_by_id",
            "published_at",
            "withdrawn_by_id",
            "withdrawn_at",
        ),
    ),
    "kb.BulletinText": Grant(insert=ALL, update=("title", "happened", "affected", "to_do")),
    # Whoever ends it is forgotten.
    "kb.Subscription": Grant(insert=ALL, update=("language", "asked_at", "asks", "confirmed_at"), delete=True),
    "kb.News": Grant(insert=ALL, update=(*LEASE, "reached", "told")),
    "kb.Talk": Grant(
        insert=ALL,
        update=("slug", "language", "title", "speaker", "minutes", "video", "transcript", "position", "is_shown"),
        delete=True,
    ),
    "kb.GlossaryTerm": Grant(insert=ALL, update=("language", "term", "meaning"), delete=True),
    "kb.Synonym": Grant(insert=ALL, update=("language", "words"), delete=True),
    "kb.SearchDocument": FULL,
    "kb.SearchWord": Grant(insert=ALL, update=("documents",), delete=True),
    "kb.SearchVersion": Grant(insert=ALL, update=("number",)),
}
