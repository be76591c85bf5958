import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("core", "0004_notice_unanswered"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Translation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "en"),
                            ("zh-hans", "zh-hans"),
                            ("zh-hant", "zh-hant"),
                            ("de", "de"),
                            ("es", "es"),
                            ("fr", "fr"),
                            ("ru", "ru"),
                            ("pt", "pt"),
                            ("tr", "tr"),
                            ("ja", "ja"),
                            ("ko", "ko"),
                            ("vi", "vi"),
                            ("ar", "ar"),
                        ],
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("slug", models.CharField(max_length=120, verbose_name="address")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("review", "In review"),
                            ("published", "Published"),
                            ("archived", "Archived"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("first_published_at", models.DateTimeField(null=True)),
                ("published_at", models.DateTimeField(null=True)),
                ("review_by", models.DateField(blank=True, null=True, verbose_name="look at it again by")),
                ("updated_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
            ],
            options={
                "verbose_name": "translation",
                "verbose_name_plural": "translations",
            },
        ),
        migrations.CreateModel(
            name="SearchVersion",
            fields=[
                ("language", models.CharField(max_length=10, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Article",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                (
                    "slug",
                    models.CharField(
                        max_length=120,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]+(-[a-z0-9]+)*$", "Small letters, digits and hyphens."
                            )
                        ],
                        verbose_name="short name",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                ("is_staff_only", models.BooleanField(default=False, verbose_name="for staff only")),
                ("is_faq", models.BooleanField(default=False, verbose_name="asked often")),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="products and assets",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("related", models.ManyToManyField(blank=True, to="kb.article", verbose_name="related")),
            ],
            options={
                "verbose_name": "article",
                "verbose_name_plural": "articles",
                "ordering": ["position", "slug"],
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                (
                    "slug",
                    models.CharField(
                        max_length=60,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]+(-[a-z0-9]+)*$", "Small letters, digits and hyphens."
                            )
                        ],
                        verbose_name="short name",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "ordering": ["position", "slug"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("slug__regex", "^[a-z0-9]+(-[a-z0-9]+)*$")), name="kb_category_slug_plain"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GlossaryTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "en"),
                            ("zh-hans", "zh-hans"),
                            ("zh-hant", "zh-hant"),
                            ("de", "de"),
                            ("es", "es"),
                            ("fr", "fr"),
                            ("ru", "ru"),
                            ("pt", "pt"),
                            ("tr", "tr"),
                            ("ja", "ja"),
                            ("ko", "ko"),
                            ("vi", "vi"),
                            ("ar", "ar"),
                        ],
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("term", models.CharField(max_length=60, verbose_name="term")),
                ("meaning", models.CharField(max_length=500, verbose_name="meaning")),
            ],
            options={
                "verbose_name": "glossary term",
                "verbose_name_plural": "glossary",
                "ordering": ["language", "term"],
                "constraints": [
                    models.UniqueConstraint(fields=("language", "term"), name="kb_glossaryterm_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "language__in",
                                [
                                    "en",
                                    "zh-hans",
                                    "zh-hant",
                                    "de",
                                    "es",
                                    "fr",
                                    "ru",
                                    "pt",
                                    "tr",
                                    "ja",
                                    "ko",
                                    "vi",
                                    "ar",
                                ],
                            )
                        ),
                        name="kb_glossaryterm_language_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                ("description", models.CharField(max_length=300, verbose_name="description")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "added_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.storedfile"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("summary", models.CharField(blank=True, max_length=400, verbose_name="summary")),
                ("body", models.TextField(max_length=100000, verbose_name="text")),
                ("html", models.TextField()),
                (
                    "significance",
                    models.CharField(
                        choices=[
                            ("typo", "Typing error: translations stay valid"),
                            ("content", "Content: translations are to follow"),
                            ("major", "Major: readers of outdated translations are warned"),
                        ],
                        default="content",
                        max_length=8,
                        verbose_name="what the change means",
                    ),
                ),
                ("comment", models.CharField(blank=True, max_length=300, verbose_name="comment")),
                ("is_machine", models.BooleanField(default=False, verbose_name="by a machine")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "based_on",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="kb.revision",
                    ),
                ),
                (
                    "translates",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="kb.revision",
                    ),
                ),
            ],
            options={
                "verbose_name": "revision",
                "verbose_name_plural": "revisions",
            },
        ),
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                ("text", models.CharField(max_length=2000)),
                ("at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("handled_at", models.DateTimeField(null=True)),
                (
                    "handled_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="kb.revision",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                (
                    "translation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="document",
                        serialize=False,
                        to="kb.translation",
                    ),
                ),
                ("language", models.CharField(max_length=10)),
                ("is_staff_only", models.BooleanField()),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), default=list, size=None
                    ),
                ),
                ("title", models.CharField(max_length=160)),
                ("summary", models.CharField(max_length=400)),
                ("text", models.TextField()),
                ("title_vector", django.contrib.postgres.search.SearchVectorField()),
                ("vector", django.contrib.postgres.search.SearchVectorField()),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                ("quality", models.FloatField(default=0.5)),
            ],
        ),
        migrations.AddField(
            model_name="translation",
            name="article",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="translations",
                to="kb.article",
            ),
        ),
        migrations.AddField(
            model_name="translation",
            name="current",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="kb.revision",
            ),
        ),
        migrations.AddField(
            model_name="translation",
            name="published",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="kb.revision",
            ),
        ),
        migrations.AddField(
            model_name="translation",
            name="reviewed_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="ScheduledPublication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                (
                    "next_attempt_at",
                    models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="next attempt"),
                ),
                ("lease_token", models.UUIDField(editable=False, null=True)),
                ("lease_until", models.DateTimeField(editable=False, null=True)),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="last error")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                ("planned_for", models.DateTimeField(verbose_name="goes out at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("done", "Published"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Not possible any more"),
                        ],
                        default="planned",
                        max_length=10,
                    ),
                ),
                (
                    "planned_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="kb.revision"
                    ),
                ),
                (
                    "translation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="planned",
                        to="kb.translation",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="revision",
            name="translation",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="revisions",
                to="kb.translation",
            ),
        ),
        migrations.CreateModel(
            name="EditLock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("until", models.DateTimeField()),
                (
                    "holder",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "translation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="lock", to="kb.translation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                ("text", models.CharField(max_length=2000)),
                ("at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "translation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="comments", to="kb.translation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SearchQueryLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "en"),
                            ("zh-hans", "zh-hans"),
                            ("zh-hant", "zh-hant"),
                            ("de", "de"),
                            ("es", "es"),
                            ("fr", "fr"),
                            ("ru", "ru"),
                            ("pt", "pt"),
                            ("tr", "tr"),
                            ("ja", "ja"),
                            ("ko", "ko"),
                            ("vi", "vi"),
                            ("ar", "ar"),
                        ],
                        max_length=10,
                    ),
                ),
                ("query", models.CharField(max_length=120)),
                ("searches", models.PositiveIntegerField(default=0)),
                ("found_nothing", models.PositiveIntegerField(default=0)),
                ("clicks", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("day", "language", "query"), name="kb_searchquerylog_once"),
                    models.CheckConstraint(
                        condition=models.Q(("query__regex", "[@]|[0-9]{5,}|[0-9a-z]{20,}"), _negated=True),
                        name="kb_searchquerylog_without_identifiers",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=10)),
                ("word", models.CharField(max_length=60)),
                ("documents", models.IntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("language", "word"), name="kb_searchword_once")],
            },
        ),
        migrations.CreateModel(
            name="Section",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                (
                    "slug",
                    models.CharField(
                        max_length=60,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]+(-[a-z0-9]+)*$", "Small letters, digits and hyphens."
                            )
                        ],
                        verbose_name="short name",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sections",
                        to="kb.category",
                        verbose_name="category",
                    ),
                ),
            ],
            options={
                "verbose_name": "section",
                "verbose_name_plural": "sections",
                "ordering": ["position", "slug"],
            },
        ),
        migrations.AddField(
            model_name="article",
            name="section",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="articles",
                to="kb.section",
                verbose_name="section",
            ),
        ),
        migrations.CreateModel(
            name="SectionText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "en"),
                            ("zh-hans", "zh-hans"),
                            ("zh-hant", "zh-hant"),
                            ("de", "de"),
                            ("es", "es"),
                            ("fr", "fr"),
                            ("ru", "ru"),
                            ("pt", "pt"),
                            ("tr", "tr"),
                            ("ja", "ja"),
                            ("ko", "ko"),
                            ("vi", "vi"),
                            ("ar", "ar"),
                        ],
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "section",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="kb.section",
                    ),
                ),
            ],
            options={
                "verbose_name": "name in a language",
                "verbose_name_plural": "names in languages",
            },
        ),
        migrations.CreateModel(
            name="SlugRedirect",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "en"),
                            ("zh-hans", "zh-hans"),
                            ("zh-hant", "zh-hant"),
                            ("de", "de"),
                            ("es", "es"),
                            ("fr", "fr"),
                            ("ru", "ru"),
                            ("pt", "pt"),
                            ("tr", "tr"),
                            ("ja", "ja"),
                            ("ko", "ko"),
                            ("vi", "vi"),
                            ("ar", "ar"),
                        ],
                        max_length=10,
                    ),
                ),
                ("slug", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "translation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="former_slugs", to="kb.translation"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Synonym",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "public_id",
                    models.CharField(
                        default=core.ids.new_public_id,
                        editable=False,
                        max_length=20,
                        unique=True,
                        verbose_name="public id",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "en"),
                            ("zh-hans", "zh-hans"),
                            ("zh-hant", "zh-hant"),
                            ("de", "de"),
                            ("es", "es"),
                            ("fr", "fr"),
                            ("ru", "ru"),
                            ("pt", "pt"),
                            ("tr", "tr"),
                            ("ja", "ja"),
                            ("ko", "ko"),
                            ("vi", "vi"),
                            ("ar", "ar"),
                        ],
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                (
                    "words",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        help_text="Separated by commas.",
                        size=None,
                        verbose_name="words",
                    ),
                ),
            ],
            options={
                "verbose_name": "synonyms",
                "verbose_name_plural": "synonyms",
                "ordering": ["language", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("words__len__gte", 2), ("words__len__lte", 30)),
                        name="kb_synonym_some_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "language__in",
                                [
                                    "en",
                                    "zh-hans",
                                    "zh-hant",
                                    "de",
                                    "es",
                                    "fr",
                                    "ru",
                                    "pt",
                                    "tr",
                                    "ja",
                                    "ko",
                                    "vi",
                                    "ar",
                                ],
                            )
                        ),
                        name="kb_synonym_language_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Vote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reader", models.CharField(max_length=64)),
                ("is_helpful", models.BooleanField()),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No reason given"),
                            ("wrong", "It is wrong or out of date"),
                            ("unclear", "I do not understand it"),
                            ("incomplete", "Something is missing"),
                            ("not_mine", "It is not about my question"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "revision",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="votes",
                        to="kb.revision",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ArticleClick",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "en"),
                            ("zh-hans", "zh-hans"),
                            ("zh-hant", "zh-hant"),
                            ("de", "de"),
                            ("es", "es"),
                            ("fr", "fr"),
                            ("ru", "ru"),
                            ("pt", "pt"),
                            ("tr", "tr"),
                            ("ja", "ja"),
                            ("ko", "ko"),
                            ("vi", "vi"),
                            ("ar", "ar"),
                        ],
                        max_length=10,
                    ),
                ),
                ("query", models.CharField(max_length=120)),
                ("clicks", models.PositiveIntegerField(default=0)),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="clicks", to="kb.article"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("day", "language", "query", "article"), name="kb_articleclick_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CategoryText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "en"),
                            ("zh-hans", "zh-hans"),
                            ("zh-hant", "zh-hant"),
                            ("de", "de"),
                            ("es", "es"),
                            ("fr", "fr"),
                            ("ru", "ru"),
                            ("pt", "pt"),
                            ("tr", "tr"),
                            ("ja", "ja"),
                            ("ko", "ko"),
                            ("vi", "vi"),
                            ("ar", "ar"),
                        ],
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("description", models.CharField(blank=True, max_length=300, verbose_name="description")),
                (
                    "category",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="kb.category",
                    ),
                ),
            ],
            options={
                "verbose_name": "name in a language",
                "verbose_name_plural": "names in languages",
                "constraints": [
                    models.UniqueConstraint(fields=("category", "language"), name="kb_categorytext_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "language__in",
                                [
                                    "en",
                                    "zh-hans",
                                    "zh-hant",
                                    "de",
                                    "es",
                                    "fr",
                                    "ru",
                                    "pt",
                                    "tr",
                                    "ja",
                                    "ko",
                                    "vi",
                                    "ar",
                                ],
                            )
                        ),
                        name="kb_categorytext_language_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deflection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "en"),
                            ("zh-hans", "zh-hans"),
                            ("zh-hant", "zh-hant"),
                            ("de", "de"),
                            ("es", "es"),
                            ("fr", "fr"),
                            ("ru", "ru"),
                            ("pt", "pt"),
                            ("tr", "tr"),
                            ("ja", "ja"),
                            ("ko", "ko"),
                            ("vi", "vi"),
                            ("ar", "ar"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "door",
                    models.CharField(
                        choices=[("web", "Web form"), ("chat", "Chat"), ("search", "Help centre")], max_length=8
                    ),
                ),
                ("reader", models.CharField(max_length=64)),
                ("day", models.DateField()),
                ("at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deflections", to="kb.article"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="kb_deflection_at")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("door__in", ["web", "chat", "search"])), name="kb_deflection_door_known"
                    ),
                    models.UniqueConstraint(fields=("article", "reader", "day"), name="kb_deflection_once_a_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.CharField(choices=[("approved", "Approved"), ("returned", "Sent back")], max_length=8),
                ),
                ("comment", models.CharField(blank=True, max_length=500)),
                ("at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                (
                    "reviewer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="kb.revision"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["approved", "returned"])), name="kb_review_verdict_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("verdict", "approved")),
                        fields=("revision",),
                        name="kb_review_approved_once",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="review",
            trigger=pgtrigger.compiler.Trigger(
                name="kb_review_by_another_person",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF EXISTS (SELECT FROM kb_revision WHERE id = NEW.revision_id AND author_id = NEW.reviewer_id) THEN\n        RAISE EXCEPTION 'nobody reviews what they have written themselves'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'kb_review_by_another_person';\n    END IF;\n    RETURN NEW;\n",
                    hash="21c27fb757f1803f42538accaa2a01291ee2f419",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_kb_review_by_another_person_2fb46",
                    table="kb_review",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="feedback",
            index=models.Index(
                condition=models.Q(("handled_at__isnull", True)), fields=["-at"], name="kb_feedback_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handled_at__isnull", True), ("handled_by__isnull", True)),
                    models.Q(("handled_at__isnull", False), ("handled_by__isnull", False)),
                    _connector="OR",
                ),
                name="kb_feedback_handled_by_somebody",
            ),
        ),
        migrations.AddField(
            model_name="searchdocument",
            name="article",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="kb.article"
            ),
        ),
        migrations.AddField(
            model_name="searchdocument",
            name="category",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="kb.category"
            ),
        ),
        migrations.AddIndex(
            model_name="translation",
            index=models.Index(fields=["state", "-updated_at"], name="kb_translation_in_state"),
        ),
        migrations.AddIndex(
            model_name="translation",
            index=models.Index(
                condition=models.Q(("published__isnull", False)), fields=["review_by"], name="kb_translation_review_by"
            ),
        ),
        migrations.AddConstraint(
            model_name="translation",
            constraint=models.UniqueConstraint(fields=("article", "language"), name="kb_translation_once"),
        ),
        migrations.AddConstraint(
            model_name="translation",
            constraint=models.UniqueConstraint(fields=("language", "slug"), name="kb_translation_address_once"),
        ),
        migrations.AddConstraint(
            model_name="translation",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__regex", "^[^\\s/?#%\\\\<>\\\"']{1,120}$")), name="kb_translation_slug_plain"
            ),
        ),
        migrations.AddConstraint(
            model_name="translation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "language__in",
                        ["en", "zh-hans", "zh-hant", "de", "es", "fr", "ru", "pt", "tr", "ja", "ko", "vi", "ar"],
                    )
                ),
                name="kb_translation_language_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="translation",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "review", "published", "archived"])),
                name="kb_translation_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="translation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "published"), _negated=True),
                    models.Q(("published", models.F("current")), ("published__isnull", False)),
                    _connector="OR",
                ),
                name="kb_translation_published_is_shown",
            ),
        ),
        migrations.AddConstraint(
            model_name="translation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "archived"), _negated=True), ("published__isnull", True), _connector="OR"
                ),
                name="kb_translation_archived_is_not_shown",
            ),
        ),
        migrations.AddConstraint(
            model_name="translation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published__isnull", True),
                    models.Q(("first_published_at__isnull", False), ("published_at__isnull", False)),
                    _connector="OR",
                ),
                name="kb_translation_published_has_time",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="translation",
            trigger=pgtrigger.compiler.Trigger(
                name="kb_translation_published_reviewed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.published_id IS NOT NULL)",
                    func="\n    IF NOT EXISTS (SELECT FROM kb_revision WHERE id = NEW.published_id AND translation_id = NEW.id) THEN\n        RAISE EXCEPTION 'a translation publishes a revision of its own'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'kb_translation_publishes_its_own';\n    END IF;\n    IF EXISTS (SELECT FROM kb_revision WHERE id = NEW.published_id AND author_id IS NOT NULL)\n       AND NOT EXISTS (\n           SELECT FROM kb_review WHERE revision_id = NEW.published_id AND verdict = 'approved'\n       ) THEN\n        RAISE EXCEPTION 'a revision is published after another person has approved it'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'kb_translation_published_reviewed';\n    END IF;\n    RETURN NEW;\n",
                    hash="4a5268e013739acbf2d2669620394ca0134c6d5a",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_kb_translation_published_reviewed_687f5",
                    table="kb_translation",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="scheduledpublication",
            index=models.Index(
                condition=models.Q(("state", "planned")), fields=["next_attempt_at"], name="kb_scheduledpublication_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="scheduledpublication",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "planned")),
                fields=("translation",),
                name="kb_scheduledpublication_one_waits",
            ),
        ),
        migrations.AddConstraint(
            model_name="scheduledpublication",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["planned", "done", "cancelled", "failed"])),
                name="kb_scheduledpublication_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(fields=("translation", "number"), name="kb_revision_number_once"),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(("significance__in", ["typo", "content", "major"])),
                name="kb_revision_significance_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(("title", ""), _negated=True), name="kb_revision_says_something"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="revision",
            trigger=pgtrigger.compiler.Trigger(
                name="kb_revision_for_good",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'a revision is for good: write another one';",
                    hash="fa51fc4b0ac49f5a174363a19619018cc5a82e93",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_kb_revision_for_good_ba8b4",
                    table="kb_revision",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="section",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__regex", "^[a-z0-9]+(-[a-z0-9]+)*$")), name="kb_section_slug_plain"
            ),
        ),
        migrations.AddIndex(
            model_name="article",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="kb_article_tagged"),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__regex", "^[a-z0-9]+(-[a-z0-9]+)*$")), name="kb_article_slug_plain"
            ),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.CheckConstraint(
                condition=models.Q(("tags__len__lte", 20)), name="kb_article_tags_bounded"
            ),
        ),
        migrations.AddConstraint(
            model_name="sectiontext",
            constraint=models.UniqueConstraint(fields=("section", "language"), name="kb_sectiontext_once"),
        ),
        migrations.AddConstraint(
            model_name="sectiontext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "language__in",
                        ["en", "zh-hans", "zh-hant", "de", "es", "fr", "ru", "pt", "tr", "ja", "ko", "vi", "ar"],
                    )
                ),
                name="kb_sectiontext_language_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="slugredirect",
            constraint=models.UniqueConstraint(fields=("language", "slug"), name="kb_slugredirect_once"),
        ),
        migrations.AddConstraint(
            model_name="slugredirect",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__regex", "^[^\\s/?#%\\\\<>\\\"']{1,120}$")), name="kb_slugredirect_slug_plain"
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.UniqueConstraint(fields=("revision", "reader"), name="kb_vote_once"),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason__in", ["", "wrong", "unclear", "incomplete", "not_mine"])),
                name="kb_vote_reason_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="vote",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_helpful", False), ("reason", ""), _connector="OR"),
                name="kb_vote_helpful_without_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="searchdocument",
            index=django.contrib.postgres.indexes.GinIndex(fields=["title_vector"], name="kb_searchdocument_title"),
        ),
        migrations.AddIndex(
            model_name="searchdocument",
            index=django.contrib.postgres.indexes.GinIndex(fields=["vector"], name="kb_searchdocument_all"),
        ),
        migrations.AddIndex(
            model_name="searchdocument",
            index=models.Index(fields=["language", "-quality"], name="kb_searchdocument_best"),
        ),
    ]
