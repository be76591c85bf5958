"""Whether the rule of fund-related actions stands in this database as it was written, and holds against our own role.

The owner's DDL can take a constraint away, which no constraint prevents: so what the catalog says is compared with the
list that was reviewed, `migrations/fund_rule/catalog.txt`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any, Protocol

import psycopg
from django.conf import settings
from django.db import connection

REVIEWED = Path(__file__).parent / "migrations" / "fund_rule" / "catalog.txt"
TABLES = (
    "security_stepup",
    "security_fundkind",
    "security_fundpolicychange",
    "security_fundpolicy",
    "security_fundaction",
    "security_approverdraw",
    "security_customerfactor",
    "security_factorend",
    "security_identitycheck",
    "security_approval",
    "security_execution",
    "security_freeze",
    "security_stafffactor",
    "security_stafffactorend",
    "security_factorsecret",
    "security_prooflock",
    "security_ceremony",
    "security_supportlock",
    "security_signalpolicy",
    "security_exchangesignal",
    "security_actiondenial",
    "security_fundoutcome",
    "security_funddecline",
    "security_trainingcertificate",
    "security_trainingwithdrawal",
    "security_manualreview",
    "security_reviewerdraw",
    "security_reviewdecision",
    "security_reviewappeal",
)
# One line a fact: owners, columns, constraints, triggers, functions, rights, and who may become whom.
CATALOG = r"""
WITH rule (oid) AS (SELECT to_regclass(name) FROM unnest(%(tables)s::text[]) AS name),
fact (line) AS (
    SELECT format('table %%s owner %%s%%s%%s%%s', c.relname, pg_get_userbyid(c.relowner),
                  CASE WHEN c.relhassubclass THEN ' has heirs' ELSE '' END,
                  CASE WHEN c.relhasrules THEN ' has rules' ELSE '' END,
                  CASE WHEN c.relrowsecurity THEN ' has policies' ELSE '' END)
      FROM rule JOIN pg_class c USING (oid)
    UNION ALL
    SELECT format('column %%s.%%s %%s %%s%%s %%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                  CASE WHEN a.attnotnull THEN 'not null' ELSE 'null' END,
                  CASE a.attgenerated WHEN '' THEN '' ELSE ' generated' END, pg_get_expr(d.adbin, d.adrelid))
      FROM rule JOIN pg_class c USING (oid) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
           AND NOT a.attisdropped LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (c.oid, a.attnum)
    UNION ALL
    SELECT format('constraint %%s.%%s %%s%%s', c.relname, n.conname, pg_get_constraintdef(n.oid),
                  CASE WHEN n.convalidated THEN '' ELSE ' not valid' END)
      FROM rule JOIN pg_class c USING (oid) JOIN pg_constraint n ON n.conrelid = c.oid WHERE n.contype <> 'n'
    UNION ALL
    SELECT format('trigger %%s %%s %%s', t.tgenabled, c.relname, pg_get_triggerdef(t.oid))
      FROM rule JOIN pg_class c USING (oid) JOIN pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT format('key of %%s is switched off', c.relname)
      FROM rule JOIN pg_class c USING (oid) JOIN pg_trigger t ON t.tgrelid = c.oid
     WHERE t.tgisinternal AND t.tgenabled <> 'O'
    UNION ALL
    SELECT format('function %%s owner %%s%%s %%s%%s %%s %%s', p.oid::regprocedure, pg_get_userbyid(p.proowner),
                  CASE WHEN p.prosecdef THEN ' definer' ELSE '' END, p.provolatile,
                  CASE WHEN p.proisstrict THEN ' strict' ELSE '' END, array_to_string(p.proconfig, ' '),
                  encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'))
      FROM pg_proc p WHERE p.pronamespace = to_regnamespace('core') AND (p.proname LIKE 'fund\_%%' OR p.proname IN (
           'deny', 'clock'))
    UNION ALL
    SELECT format('right on %%s of %%s: %%s', c.relname, pg_get_userbyid(x.grantee), x.privilege_type)
      FROM rule JOIN pg_class c USING (oid) CROSS JOIN aclexplode(c.relacl) x WHERE x.grantee <> c.relowner
    UNION ALL
    SELECT format('right on %%s.%%s of %%s: %%s', c.relname, a.attname, pg_get_userbyid(x.grantee), x.privilege_type)
      FROM rule JOIN pg_class c USING (oid) JOIN pg_attribute a ON a.attrelid = c.oid CROSS JOIN aclexplode(a.attacl) x
    UNION ALL
    SELECT format('right on function %%s of %%s: %%s', p.oid::regprocedure,
                  CASE x.grantee WHEN 0 THEN 'everybody' ELSE pg_get_userbyid(x.grantee) END, x.privilege_type)
      FROM pg_proc p CROSS JOIN aclexplode(p.proacl) x
     WHERE p.pronamespace = to_regnamespace('core') AND p.proname LIKE 'fund\_%%' AND x.grantee <> p.proowner
    UNION ALL
    SELECT format('%%s may create in schema %%s', r.rolname, n.nspname) FROM pg_namespace n CROSS JOIN pg_roles r
     WHERE n.nspname IN ('public', 'core') AND r.rolname IN ('pharos_app', 'pharos_verifier', 'pharos_auditor')
       AND has_schema_privilege(r.rolname, n.oid, 'CREATE')
    UNION ALL
    SELECT format('%%s may make temporary tables', r.rolname) FROM pg_roles r
     WHERE r.rolname IN ('pharos_app', 'pharos_verifier', 'pharos_auditor')
       AND has_database_privilege(r.rolname, current_database(), 'TEMP')
    UNION ALL
    SELECT format('role %%s%%s%%s%%s%%s', rolname, CASE WHEN rolsuper THEN ' superuser' ELSE '' END,
                  CASE WHEN rolbypassrls THEN ' bypassrls' ELSE '' END,
                  CASE WHEN rolcreaterole THEN ' createrole' ELSE '' END,
                  CASE WHEN rolreplication THEN ' replication' ELSE '' END)
      FROM pg_roles WHERE rolname IN ('pharos_app', 'pharos_verifier', 'pharos_auditor', 'pharos_owner')
    UNION ALL
    SELECT format('%%s may become %%s', pg_get_userbyid(member), pg_get_userbyid(roleid)) FROM pg_auth_members
     WHERE pg_get_userbyid(member) LIKE 'pharos\_%%'
)
SELECT trim(regexp_replace(line, '\s+', ' ', 'g')) AS line FROM fact ORDER BY line COLLATE "C"
"""
# What our role must never be able to do, tried for real. Whatever passes is undone with everything else.
BYPASSES = {
    "write a step-up": "INSERT INTO security_stepup (public_id, staff_id, purpose, bound_to, method)"
    " VALUES ('probe', 1, 'action.request', sha256('x'), 'webauthn')",
    "prove a step-up": "UPDATE security_stepup SET is_verified = true",
    "write a kind": "INSERT INTO security_fundkind VALUES ('probe', false, false)",
    "write a policy": "INSERT INTO security_fundpolicy (kind, asset, above, risk, methods, needs_approval,"
    " cooling_off_s, valid_from) VALUES ('refund', '', 0, 'normal', '{totp}', false, 0, '-infinity')",
    "change a policy": "UPDATE security_fundpolicy SET asset = 'PROBE'",
    "confirm a change in silence": "UPDATE security_fundpolicychange SET confirmed_at = core.clock()",
    "ask without a step-up": "INSERT INTO security_fundaction (public_id, kind, customer_id, asset, amount,"
    " destination, requester_id, requester_stepup_id, requester_verified_at)"
    " SELECT 'probe', 'refund', min(id), 'BTC', 1, 'probe', 1, -1, core.clock() FROM accounts_customer",
    "set the terms": "INSERT INTO security_fundaction (public_id, risk) VALUES ('probe', 'normal')",
    "change an action": "UPDATE security_fundaction SET amount = 1",
    "pick an approver": "INSERT INTO security_approverdraw (action_id, approver_id) VALUES (-1, 1)",
    "keep a factor": "INSERT INTO security_customerfactor (public_id, customer_id, method, counts_from)"
    " VALUES ('probe', 1, 'webauthn', core.clock())",
    "begin a check that is passed": "INSERT INTO security_identitycheck (public_id, action_id, method, is_verified)"
    " VALUES ('probe', -1, 'webauthn', true)",
    "pass a check": "UPDATE security_identitycheck SET is_verified = true",
    "pick a reviewer": "INSERT INTO security_reviewerdraw (review_id, reviewer_id) VALUES (-1, 1)",
    "review without a step-up": "INSERT INTO security_reviewdecision (review_id, reviewer_id, decision, is_readable,"
    " is_in_date, name_matches, face_matches, reason, reviewer_stepup_id, reviewer_verified_at)"
    " VALUES (-1, 1, 'confirmed', true, true, true, true, 'probe', -1, core.clock())",
    "pass a check by review": "UPDATE security_identitycheck SET is_verified = true, first_decision_id = 1",
    "open a review of nothing": "INSERT INTO security_manualreview (public_id, action_id) VALUES ('probe', -1)",
    "approve without a step-up": "INSERT INTO security_approval (action_id, approver_id, approver_stepup_id,"
    " approver_verified_at) VALUES (-1, 1, -1, core.clock())",
    "execute without anything": "INSERT INTO security_execution (action_id, check_id) VALUES (-1, -1)",
    "say when it was verified": "INSERT INTO security_execution (action_id, check_id, verified_at)"
    " VALUES (-1, -1, core.clock())",
    "keep a factor of staff": "INSERT INTO security_stafffactor (public_id, staff_id, method, is_device_bound)"
    " VALUES ('probe', 1, 'webauthn', true)",
    "read secrets": "SELECT secret FROM security_factorsecret",
    "read who is locked": "SELECT failures FROM security_prooflock",
    "unlock": "UPDATE security_prooflock SET failures = 0",
    "read what was begun": "SELECT secret FROM security_ceremony",
    "shorten a support lock": "INSERT INTO security_supportlock (customer_id, until)"
    " SELECT min(id), core.clock() + interval '2 days' FROM accounts_customer ON CONFLICT (customer_id) DO NOTHING;"
    " UPDATE security_supportlock SET until = until - interval '1 second'",
    "write a policy of signals": "INSERT INTO security_signalpolicy (kind, raises_for_s) VALUES ('probe', 0)",
    "make signals count for less": "UPDATE security_signalpolicy SET raises_for_s = 0",
    "say how long a signal counts": "INSERT INTO security_exchangesignal"
    " (public_id, event, customer_id, kind, occurred_at, raised_until)"
    " SELECT 'probe', 'probe', min(id), 'device.new', core.clock(), core.clock() FROM accounts_customer",
    "lower a raised risk": "UPDATE security_exchangesignal SET raised_until = core.clock()",
    "say what became of an action": "INSERT INTO security_fundoutcome (action_id, outcome) VALUES (-1, 'executed')",
    "decline without being drawn": "INSERT INTO security_funddecline (action_id, staff_id, reason)"
    " VALUES (-1, 1, 'probe')",
    "take a decline back": "UPDATE security_funddecline SET action_id = -1",
    "approve what was declined": "INSERT INTO security_approval (action_id, approver_id, approver_stepup_id,"
    " approver_verified_at) SELECT coalesce(max(action_id), -1), 1, -1, core.clock() FROM security_funddecline",
    "execute what was declined": "INSERT INTO security_execution (action_id, check_id)"
    " SELECT coalesce(max(action_id), -1), -1 FROM security_funddecline",
    "train oneself": "INSERT INTO security_trainingcertificate (public_id, person_id, recorded_by_id)"
    " SELECT 'probe', min(id), min(id) FROM accounts_staff",
    "say how long training counts": "INSERT INTO security_trainingcertificate (public_id, person_id, recorded_by_id,"
    " valid_until) VALUES ('probe', 1, 2, 'infinity')",
    "make training count for longer": "UPDATE security_trainingcertificate SET valid_until = 'infinity'",
    "take a withdrawal back": "UPDATE security_trainingwithdrawal SET certificate_id = -1",
    "name the certificate of an approval": "INSERT INTO security_approval (action_id, approver_id, approver_stepup_id,"
    " approver_verified_at, approver_certificate_id) VALUES (-1, 1, -1, core.clock(), 1)",
    "change a denial": "UPDATE security_actiondenial SET denied_at = core.clock()",
    "thaw": "UPDATE security_freeze SET unfrozen_at = core.clock()",
    "become the owner": "SET LOCAL ROLE pharos_owner",
    "become the verifier": "SET LOCAL ROLE pharos_verifier",
    "switch triggers off": "SET LOCAL session_replication_role = replica",
    "replace the clock": "CREATE OR REPLACE FUNCTION core.clock() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL'",
    **{f"delete from {table}": f"DELETE FROM {table}" for table in TABLES},  # noqa: S608 -- names of our tables
    **{f"truncate {table}": f"TRUNCATE {table} CASCADE" for table in TABLES},
    **{f"alter {table}": f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in TABLES},
}


# Nothing was tried: the server is away, stops, is out of room, or somebody's lock lasted.
UNTRIED = ("08", "40", "53", "55", "57", "58")
Link = psycopg.Connection[Any]


class Cursor(Protocol):
    """Django's or psycopg's."""

    def execute(self, query: Any, params: Any = None, /) -> object: ...  # noqa: ANN401 -- theirs

    def fetchall(self) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found: facts that are not as reviewed, and ways round the rule that were not refused."""

    changed: Sequence[str]
    passed: Sequence[str]

    @property
    def holds(self) -> bool:
        """Whether there is nothing to say."""
        return not self.changed and not self.passed

    @property
    def sentence(self) -> str:
        """Say how much was found, and the first of it."""
        parts = [
            f"{len(found)} {what}, first: {found[0]}"
            for what, found in (("not as reviewed", self.changed), ("not refused", self.passed))
            if found
        ]
        return "; ".join(parts)


def is_as_reviewed() -> bool:
    """Whether the catalog says what was reviewed, read anew at each call (12 ms): to be asked before each send."""
    return not differences()


def prove(link: Link | None = None) -> Proof:
    """Compare and try, over Django's connection or `link`; raises the database's error where nothing could be tried."""
    if link is None:
        return Proof(differences(), bypasses())
    with link.cursor() as cursor:
        return Proof(differences(cursor), bypasses(link))


def catalog(cursor: Cursor | None = None) -> list[str]:
    """Return what the database says of the rule, one line a fact, sorted."""
    if cursor is None:
        with connection.cursor() as ours:
            return catalog(ours)
    cursor.execute(CATALOG, {"tables": list(TABLES)})
    return [line for (line,) in cursor.fetchall()]


def differences(cursor: Cursor | None = None) -> list[str]:
    """Return what is there and was not reviewed (`+`), and what was reviewed and is not there (`-`)."""
    instead: dict[str, str] = settings.FUND_RULE_IN_TESTS
    reviewed = sorted(instead.get(line, line) for line in REVIEWED.read_text("utf-8").splitlines())
    found = list(unified_diff(reviewed, catalog(cursor), n=0, lineterm=""))[2:]
    return [line for line in found if not line.startswith("@@")]


def bypasses(link: Link | None = None) -> list[str]:
    """Try each with the role of this process, in a transaction that is rolled back; return those not refused.

    Refused is what breaks a constraint (SQLSTATE class 23) or a right (42501); what the world fails at is raised, and
    any other error proves nothing.
    """
    if link is None:
        connection.ensure_connection()
        link = connection.connection
    passed = []
    with link.transaction(force_rollback=True):
        for name, statement in BYPASSES.items():
            try:
                with link.transaction(), link.cursor() as cursor:
                    cursor.execute(statement.encode())
            except psycopg.Error as error:
                sqlstate = str(error.sqlstate)
                if error.sqlstate is None or sqlstate.startswith(UNTRIED):
                    raise
                if sqlstate != "42501" and not sqlstate.startswith("23"):
                    passed.append(f"{name} (SQLSTATE {sqlstate})")
                continue
            passed.append(name)
    return passed
