"""The redactor of plain text: runs every detector and puts masks in place."""

from core import memory
from security.redaction.cards import card_numbers
from security.redaction.findings import Finding, Redacted, mask, merge
from security.redaction.folding import fold
from security.redaction.http_credentials import http_credentials
from security.redaction.keys import private_keys
from security.redaction.one_time import one_time_secrets
from security.redaction.seed_phrases import seed_phrases

_DETECTORS = (seed_phrases, private_keys, one_time_secrets, card_numbers, http_credentials)


def find_secrets(text: str) -> list[Finding]:
    """All secrets of a text, merged, in order; linear in its length."""
    folded = fold(text)
    found = [finding for detector in _DETECTORS for finding in detector(folded.text)]
    if folded.offsets is None:
        return merge(found)
    return merge(
        Finding(finding.kind, *folded.original_span(finding.start, finding.end), finding.reason) for finding in found
    )


@memory.uncollected()
def redact(text: str) -> Redacted:
    """Mask every secret in `text`. Redacting the result again changes nothing."""
    findings = find_secrets(text)
    if not findings:
        return Redacted(text, ())
    pieces: list[str] = []
    position = 0
    for finding in findings:
        pieces += (text[position : finding.start], mask(finding.kind))
        position = finding.end
    pieces.append(text[position:])
    return Redacted("".join(pieces), tuple(findings))
