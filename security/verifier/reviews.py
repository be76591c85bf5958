"""Checks by manual review: what two people decided is read again, with what they signed, before it is recorded."""

import hashlib
import json
from typing import Any

from psycopg.types.json import Jsonb

from security.verifier import passkeys
from security.verifier.proofs import STEP_UP, Proofs, challenge_of
from security.verifier.protocol import Code, Given, RefusedError, text

ATTEMPT = """
UPDATE security_identitycheck SET attempts = attempts + 1
 WHERE public_id = %s AND method = 'manual' AND NOT is_verified AND attempts < 5
   AND issued_at > core.clock() - interval '10 minutes'
RETURNING id, action_id, hash
"""
# What the words and the signature say, not what a column repeats of them.
DECISIONS = """
SELECT said.id, said.reviewer_id, said.decision, said.is_readable, said.is_in_date, said.name_matches,
       said.face_matches, said.reason, stepup.public_id, stepup.nonce, stepup.evidence, kept.public_key
  FROM security_reviewdecision said
  JOIN security_stepup stepup ON stepup.id = said.reviewer_stepup_id AND stepup.staff_id = said.reviewer_id
  JOIN security_factorsecret kept ON kept.staff_factor_id = stepup.factor_id
 WHERE said.action_id = %s AND stepup.is_verified AND stepup.purpose = 'action.review' ORDER BY said.place
"""
PROVE = """
UPDATE security_identitycheck SET is_verified = true, evidence = %(evidence)s
 WHERE id = %(id)s RETURNING id, verified_at
"""
REVIEWERS = 2


def record(proofs: Proofs, given: Given) -> Given:
    """Record the check when two people have confirmed it, each by a passkey over exactly what stands there."""
    row = proofs.connection.execute(ATTEMPT, [text(given, "check")]).fetchone()
    if row is None:
        raise RefusedError(Code.EXPIRED, "This check has ended, or is not one by review.")
    key, action, content = row
    decisions = proofs.connection.execute(DECISIONS, [action]).fetchall()
    if len({said[1] for said in decisions}) != REVIEWERS or len(decisions) != REVIEWERS:
        raise RefusedError(Code.REFUSED, "Two reviewers have not confirmed this.")
    if not all(_is_signed(proofs, content, said) for said in decisions):
        raise RefusedError(Code.REFUSED, "What a reviewer signed is not what stands there.")
    evidence = {"decisions": [said[0] for said in decisions], "step_ups": [said[8] for said in decisions]}
    done = proofs.connection.execute(PROVE, {"id": key, "evidence": Jsonb(evidence)}).fetchone()
    if done is None:
        raise RefusedError(Code.EXPIRED, "This has ended.")
    return {"id": done[0], "verified_at": done[1].isoformat()}


def words_hash(action_hash: bytes, decision: str, found: tuple[bool, ...], reason: str) -> bytes:
    """Return what a reviewer signs: as core.fund_review_hash, computed here."""
    said = ["true" if one else "false" for one in found]
    words = ["pharos manual review 1", action_hash.hex(), decision, *said, reason]
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).digest()


def _is_signed(proofs: Proofs, action_hash: bytes, said: tuple[Any, ...]) -> bool:
    """Whether this is a yes to all four questions that this person's passkey has signed."""
    _key, _who, decision, *rest = said
    found, (reason, step_up, nonce, evidence, public_key) = tuple(rest[:4]), rest[4:]
    if decision != "confirmed" or not all(found) or public_key is None:
        return False
    challenge = challenge_of(STEP_UP.challenge, step_up, nonce, words_hash(action_hash, decision, found, reason))
    return passkeys.is_still_right(proofs.configuration, challenge=challenge, evidence=evidence, public_key=public_key)
