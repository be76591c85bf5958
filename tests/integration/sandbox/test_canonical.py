"""The exchange hashes an action as Pharos' database does, whatever the texts hold."""

import pytest
from django.db import connection

from sandbox import canonical

ODD = (
    "plain", 'quote " and \\ backslash', "tab\tline\nreturn\r", "\b\f\x01\x1f\x7f", "Zürich 北京 🏦", "\u2028\u2029/</>",
    "e\u0301 and é", " ", "null", "[]", "\u0085\u200b\ufeff",
)  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize(
    "amount", ["0.000000000000000000", "2.500000000000000000", "99999999999999999999.000000000000000001"]
)
def test_action_hash__of_any_text__is_that_of_the_database(text: str, amount: str) -> None:
    action = dict.fromkeys(canonical.FIELDS, text) | {"customer_id": "7", "requester_id": "12", "amount": amount}
    holders = ", ".join(
        f"%s::{ {'customer_id': 'bigint', 'requester_id': 'bigint', 'amount': 'numeric(38, 18)'}.get(name, 'text') }"
        for name in canonical.FIELDS
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT encode(core.fund_action_hash({holders}), 'hex')",
            [action[name] for name in canonical.FIELDS],
        )
        row = cursor.fetchone()

    assert row == (canonical.action_hash(action),)
