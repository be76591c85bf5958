"""What only a loaded Django can tell: deployment checks, models without migrations, tables without grants."""

import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import django
from django.apps import apps
from django.core.checks import WARNING, run_checks
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState

from tools.checks.environment import stand_in
from tools.checks.tree import FLOORS

# Whether the front end is built is no fault of the settings.
BUILD_STATE = {"django_vite.W001"}


def main() -> int:
    """Run the part named by the argument: `deploy` with production settings, `models` with the test ones."""
    part = sys.argv[1]
    module = {"deploy": "helpdesk.settings.production", "models": "helpdesk.settings.test"}[part]
    os.environ.clear()
    os.environ.update(stand_in(module))
    django.setup()
    if part == "deploy":
        faults = list(deployment_faults())
    else:
        given = import_module("helpdesk.grants")
        faults = [*unmigrated(), *ungranted(_labels(), {label.lower() for label in given.GRANTS})]
        for grants in (given.GRANTS, *given.OTHERS.values()):
            faults += unknown_columns(grants)
    print("\n".join(faults))
    return 1 if faults else 0


def deployment_faults() -> Iterator[str]:
    """What Django's own checks, deployment ones included, say at the level of a warning or above."""
    for message in run_checks(include_deployment_checks=True):
        if message.level >= WARNING and message.id not in BUILD_STATE:
            yield str(message)


def unmigrated(state: ProjectState | None = None) -> Iterator[str]:
    """Differences between the models (or the given state) and the migrations; needs no database."""
    loader = MigrationLoader(None)
    for app, names in loader.detect_conflicts().items():
        yield f"{app}: migrations {', '.join(sorted(names))} conflict"
    questioner = NonInteractiveMigrationQuestioner(specified_apps=set(FLOORS), dry_run=True)
    detector = MigrationAutodetector(loader.project_state(), state or ProjectState.from_apps(apps), questioner)
    for app, migrations in detector.changes(graph=loader.graph).items():
        if app in FLOORS:
            for migration in migrations:
                for operation in migration.operations:
                    yield f"{app}: no migration does this yet: {operation.describe()}"


def ungranted(labels: set[str], granted: set[str]) -> Iterator[str]:
    """Models whose table has no entry in GRANTS, and entries for tables that are not."""
    for label in sorted(labels - granted):
        yield f"{label}: no entry in {label.split('.')[0]}/grants.py: say what the app role may do with each column"
    for label in sorted(granted - labels):
        yield f"{label}: granted, but no such model"


def unknown_columns(grants: Mapping[str, Any]) -> Iterator[str]:
    """Grants on columns that their table does not have."""
    for label, grant in grants.items():
        columns = {field.column for field in apps.get_model(label)._meta.local_concrete_fields}
        named = {name for part in (grant.insert, grant.update) if isinstance(part, tuple) for name in part}
        if named - columns:
            yield f"{label}: the grant names columns that are not there: {', '.join(sorted(named - columns))}"


def _labels() -> set[str]:
    return {model._meta.label_lower for model in apps.get_models(include_auto_created=True) if not model._meta.proxy}


if __name__ == "__main__":
    raise SystemExit(main())
