"""What the models say stands in the database: tables, columns, constraints, indexes and keys, however it was migrated."""

import pytest
from django.apps import apps
from django.db import connection, models

OURS = {"accounts", "core", "kb", "livechat", "security", "tickets"}
MODELS = [model for model in apps.get_models() if model._meta.app_label in OURS and model._meta.managed]


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_table__of_a_model__holds_what_it_says(model: type[models.Model]) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        columns = {one.name: one for one in connection.introspection.get_table_description(cursor, table)}
        there = connection.introspection.get_constraints(cursor, table)
    fields = [field for field in model._meta.local_fields if field.column]
    assert {field.column for field in fields} == set(columns)
    assert {field.column for field in fields if not field.null} == {
        name for name, column in columns.items() if not column.null_ok
    }
    named = {one.name for one in [*model._meta.constraints, *model._meta.indexes]}
    assert named <= set(there)
    keys = {
        (one["columns"][0], one["foreign_key"])
        for one in there.values()
        if one["foreign_key"] and len(one["columns"]) == 1
    }
    for field in fields:
        if isinstance(field, models.ForeignKey) and getattr(field, "db_constraint", False):
            target = field.remote_field.model._meta
            assert (field.column, (target.db_table, field.target_field.column)) in keys
