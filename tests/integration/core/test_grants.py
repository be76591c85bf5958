"""Grants change in one step: code that serves meanwhile never finds itself without rights."""

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, connections

from core import grants
from core.grants import Grant
from helpdesk.embedded.environment import with_database
from helpdesk.grants import GRANTS, SEQUENCES
from helpdesk.settings import environment


def test_apply__fails_in_the_middle__the_former_grants_stand(clone_db: str) -> None:
    owner = connections.create_connection("default")
    url = with_database(str(settings.DATABASE_OWNER_URL), clone_db)
    owner.settings_dict = connection.settings_dict | environment.database(url, options={"role": "pharos_owner"})
    before = _rights()
    with pytest.raises(ProgrammingError):
        grants.apply(owner, GRANTS | {"core.Notice": Grant(update=("no_such_column",))}, SEQUENCES, others={})
    owner.close()
    assert before
    assert _rights() == before


def _rights() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = current_user"
        )
        return set(cursor.fetchall())
