"""Secrets never rest here: finding and masking keys, codes, cards and tokens in text, HTML and HAR files."""

from security.redaction.files import masking_bytes, redact_file
from security.redaction.findings import Finding, Kind, Redacted, mask
from security.redaction.har import redact_har
from security.redaction.html import redact_html
from security.redaction.plain_text import redact

__all__ = ["Finding", "Kind", "Redacted", "mask", "masking_bytes", "redact", "redact_file", "redact_har", "redact_html"]
