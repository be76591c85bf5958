import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("kb", "0001_help_centre"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Bulletin",
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
                    "severity",
                    models.CharField(
                        choices=[("critical", "Critical"), ("warning", "Warning"), ("info", "Information")],
                        default="warning",
                        max_length=10,
                        verbose_name="severity",
                    ),
                ),
                (
                    "products",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="products",
                    ),
                ),
                ("starts_at", models.DateTimeField(db_default=core.clock.DatabaseNow(), verbose_name="from")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("withdrawn", "Withdrawn")],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("published_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=core.clock.DatabaseNow())),
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
                    "published_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "bulletin",
                "verbose_name_plural": "bulletins",
            },
        ),
        migrations.CreateModel(
            name="BulletinText",
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
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("happened", models.TextField(max_length=4000, verbose_name="what happened")),
                ("affected", models.TextField(blank=True, max_length=2000, verbose_name="what is affected")),
                ("to_do", models.TextField(max_length=4000, verbose_name="what to do")),
                (
                    "bulletin",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="texts",
                        to="kb.bulletin",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="bulletin",
            index=models.Index(
                condition=models.Q(("state", "published")), fields=["-starts_at"], name="kb_bulletin_public"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(("severity__in", ["critical", "warning", "info"])), name="kb_bulletin_severity_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "published", "withdrawn"])), name="kb_bulletin_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(("products__len__lte", 20)), name="kb_bulletin_products_bounded"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__isnull", True), ("ends_at__gt", models.F("starts_at")), _connector="OR"),
                name="kb_bulletin_ends_after_its_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("published_at__isnull", True), ("published_by__isnull", True), ("state", "draft")),
                    models.Q(
                        models.Q(("state", "draft"), _negated=True),
                        ("published_at__isnull", False),
                        ("published_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="kb_bulletin_published_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("published_by__isnull", True),
                    models.Q(("published_by", models.F("author")), _negated=True),
                    _connector="OR",
                ),
                name="kb_bulletin_published_by_another_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("state", "withdrawn"), _negated=True),
                        ("withdrawn_at__isnull", True),
                        ("withdrawn_by__isnull", True),
                    ),
                    models.Q(("state", "withdrawn"), ("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)),
                    _connector="OR",
                ),
                name="kb_bulletin_withdrawn_by_somebody",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bulletin",
            trigger=pgtrigger.compiler.Trigger(
                name="kb_bulletin_said_in_english",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.state = 'published')",
                    func="\n    IF NOT EXISTS (SELECT FROM kb_bulletintext WHERE bulletin_id = NEW.id AND language = 'en') THEN\n        RAISE EXCEPTION 'a bulletin is published in English at least, which stands in for every language'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'kb_bulletin_said_in_english';\n    END IF;\n    RETURN NEW;\n",
                    hash="43f016b0a91da854436d3430eeb447bfcecf14ff",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_kb_bulletin_said_in_english_8041d",
                    table="kb_bulletin",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bulletin",
            trigger=pgtrigger.compiler.Trigger(
                name="kb_bulletin_fixed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.state <> 'draft')",
                    func="\n    IF NEW.state = 'draft' OR (OLD.state = 'withdrawn' AND NEW.state <> 'withdrawn')\n       OR (NEW.severity, NEW.products, NEW.starts_at, NEW.author_id, NEW.published_by_id, NEW.published_at)\n          IS DISTINCT FROM\n          (OLD.severity, OLD.products, OLD.starts_at, OLD.author_id, OLD.published_by_id, OLD.published_at) THEN\n        RAISE EXCEPTION 'what a bulletin says is fixed once it is published: withdraw it, and write another one'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'kb_bulletin_fixed';\n    END IF;\n    RETURN NEW;\n",
                    hash="fa62a73ca1485c7aabbf57d608485df32e7444e4",
                    operation="UPDATE",
                    pgid="pgtrigger_kb_bulletin_fixed_0cb1c",
                    table="kb_bulletin",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletintext",
            constraint=models.UniqueConstraint(fields=("bulletin", "language"), name="kb_bulletintext_once"),
        ),
        migrations.AddConstraint(
            model_name="bulletintext",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "language__in",
                        ["en", "zh-hans", "zh-hant", "de", "es", "fr", "ru", "pt", "tr", "ja", "ko", "vi", "ar"],
                    )
                ),
                name="kb_bulletintext_language_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulletintext",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("title", ""), _negated=True), models.Q(("to_do", ""), _negated=True)),
                name="kb_bulletintext_says_something",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bulletintext",
            trigger=pgtrigger.compiler.Trigger(
                name="kb_bulletintext_of_a_draft",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n    IF EXISTS (SELECT FROM kb_bulletin WHERE id = COALESCE(NEW.bulletin_id, OLD.bulletin_id) AND state <> 'draft') THEN\n        RAISE EXCEPTION 'what a bulletin says is fixed once it is published: withdraw it, and write another one'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'kb_bulletintext_of_a_draft';\n    END IF;\n    RETURN COALESCE(NEW, OLD);\n",
                    hash="74d7dc9194c56826e63fe12421bbf4a0aef7d0ff",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_kb_bulletintext_of_a_draft_1e18e",
                    table="kb_bulletintext",
                    when="BEFORE",
                ),
            ),
        ),
    ]
