import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("kb", "0002_bulletins"),
    ]

    operations = [
        migrations.CreateModel(
            name="Talk",
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
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9]+(-[a-z0-9]+)*$", "Small letters, digits and hyphens."
                            )
                        ],
                        verbose_name="short name",
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
                        default="en",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("speaker", models.CharField(max_length=120, verbose_name="who speaks: a role, no name")),
                (
                    "minutes",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(600),
                        ],
                        verbose_name="length in minutes",
                    ),
                ),
                ("video", models.CharField(blank=True, max_length=500, verbose_name="address of the video")),
                ("transcript", models.TextField(max_length=100000, verbose_name="transcript (Markdown)")),
                ("position", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                ("is_shown", models.BooleanField(default=False, verbose_name="shown to readers")),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), editable=False)),
            ],
            options={
                "verbose_name": "recorded talk",
                "verbose_name_plural": "recorded talks",
                "ordering": ["position", "slug", "language"],
                "constraints": [
                    models.UniqueConstraint(fields=("slug", "language"), name="kb_talk_once"),
                    models.CheckConstraint(
                        condition=models.Q(("slug__regex", "^[a-z0-9]+(-[a-z0-9]+)*$")), name="kb_talk_slug_plain"
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
                        name="kb_talk_language_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1), ("minutes__lte", 600)), name="kb_talk_length_bounded"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("video__regex", "^(https://[^\\s<>\\\"'()\\[\\]]+)?$")),
                        name="kb_talk_video_plain",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True), models.Q(("transcript", ""), _negated=True)
                        ),
                        name="kb_talk_says_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="News",
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
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("done", "Done")], default="waiting", max_length=10
                    ),
                ),
                ("reached", models.BigIntegerField(default=0)),
                ("told", models.PositiveIntegerField(default=0)),
                (
                    "bulletin",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="news", to="kb.bulletin"
                    ),
                ),
                (
                    "revision",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="news", to="kb.revision"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "news",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["next_attempt_at"], name="kb_news_due"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "done"])), name="kb_news_state_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("bulletin__isnull", True), ("revision__isnull", False)),
                            models.Q(("bulletin__isnull", False), ("revision__isnull", True)),
                            _connector="OR",
                        ),
                        name="kb_news_of_one_thing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Subscription",
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
                ("address", models.CharField(max_length=254)),
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
                ("asked_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
                ("asks", models.PositiveSmallIntegerField(default=1)),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "article",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followers",
                        to="kb.article",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("confirmed_at__isnull", False)),
                        fields=["article", "id"],
                        name="kb_subscription_told",
                    ),
                    models.Index(fields=["asked_at"], name="kb_subscription_asked"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("address", "article"), name="kb_subscription_once", nulls_distinct=False
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
                        name="kb_subscription_language_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("address__regex", "^[!-?A-~]+@[!-?A-~]+$")),
                        name="kb_subscription_address_plain",
                    ),
                ],
            },
        ),
    ]
