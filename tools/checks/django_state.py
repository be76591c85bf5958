"""What only a loaded Django can tell: deployment checks, models without migrations, tables without grants."""

import importlib
import os
import sys
from collections.abc import Iterator

import django
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState

from tools.checks.environment import stand_in
from tools.checks.tree import FLOORS


def main() -> int:
    """Run the part named by the argument: `deploy` with production settings, `models` with the test ones."""
    part = sys.argv[1]
    module = {"deploy": "helpdesk.settings.production", "models": "helpdesk.settings.test"}[part]
    os.environ.clear()
    os.environ.update(stand_in(module))
    django.setup()
    if part == "deploy":
        return _deployment()
    faults = [*unmigrated(), *ungranted(_migrated_labels(), _granted())]
    print("\n".join(faults))
    return 1 if faults else 0


def _deployment() -> int:
    try:
        call_command("check", deploy=True, fail_level="WARNING")
    except CommandError as error:
        print(error)
        return 1
    return 0


def unmigrated() -> Iterator[str]:
    """Model changes that no migration makes; needs no database."""
    loader = MigrationLoader(None, ignore_no_initial=True)
    for app, names in loader.detect_conflicts().items():
        yield f"{app}: migrations {', '.join(sorted(names))} conflict"
    questioner = NonInteractiveMigrationQuestioner(specified_apps=set(FLOORS), dry_run=True)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps), questioner)
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


def _migrated_labels() -> set[str]:
    return {
        model._meta.label_lower
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.app_label in FLOORS
    }


def _granted() -> set[str]:
    granted: set[str] = set()
    for floor in FLOORS:
        if apps.is_installed(floor) or any(config.name == floor for config in apps.get_app_configs()):
            try:
                module = importlib.import_module(f"{floor}.grants")
            except ModuleNotFoundError as error:
                if error.name != f"{floor}.grants":
                    raise
                continue
            granted |= {f"{floor}.{key.split('.')[-1].lower()}" for key in module.GRANTS}
    return granted


if __name__ == "__main__":
    raise SystemExit(main())
