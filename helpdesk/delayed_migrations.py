"""Django's migrations with models rendered when somebody reads them: the work of a new database is a small part of it.

Before each operation Django renders anew every model that is related to the changed one, in whatever way and over
however many others, because code of a migration may walk along those relations. Its own delayed mode, which operations
on plain fields use, leaves that to `RunPython` and to the end of a run, which render everything anew; here every
operation uses it. What is written to the database stays the same: tables are made from the model that an operation
names, and keys from the tables that it names. `tests/integration/core/test_schema.py` compares the outcome with the
models; decision 0015 tells how it was compared with Django's.
"""

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState


class DelayedState(ProjectState):
    """A state whose changed models alone are rendered until somebody asks for more."""

    def clone(self) -> "DelayedState":
        """Return an exact copy."""
        return DelayedState.of(super().clone())

    @classmethod
    def of(cls, other: ProjectState) -> "DelayedState":
        """Return `other` as a state of this kind; it takes over what is rendered."""
        made = cls(models=other.models, real_apps=other.real_apps)
        if "apps" in other.__dict__:
            made.apps = other.apps
        made.is_delayed = other.is_delayed
        return made

    def _find_reload_model(self, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:  # noqa: FBT001, FBT002 -- Django's signature
        self.is_delayed = True
        return {(app_label, model_name)}


class DelayedExecutor(MigrationExecutor):
    """Django's executor on such states."""

    def _create_project_state(self, with_applied_migrations: bool = False) -> DelayedState:  # noqa: FBT001, FBT002 -- Django's signature
        return DelayedState.of(super()._create_project_state(with_applied_migrations))  # type: ignore[misc]  # private: not in the stubs
