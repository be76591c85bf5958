"""The bounds every mail is read within, and the one error that says a mail could not be read."""

import time
from dataclasses import dataclass, field
from typing import Final

MAX_RAW_BYTES: Final = 160 * 1024 * 1024
MAX_HEADER_BYTES: Final = 256 * 1024
MAX_PART_HEADER_BYTES: Final = 64 * 1024
MAX_HEADER_FIELDS: Final = 2_000
MAX_STRUCTURED_FIELD_CHARS: Final = 16 * 1024
MAX_DEPTH: Final = 30
MAX_PARTS: Final = 500
MAX_DECODED_BYTES: Final = 60 * 1024 * 1024
MAX_DELIMITER_CANDIDATES: Final = 50_000
MAX_TEXT_CHARS: Final = 2_000_000
MAX_HTML_CHARS: Final = 4_000_000
MAX_ADDRESSES: Final = 500
MAX_REFERENCES: Final = 200
MAX_FILENAME_CHARS: Final = 150
MAX_SECONDS: Final = 20.0


class Unparsable(Exception):
    """A mail that must be quarantined with its raw bytes instead of becoming a message.

    ``reason`` is a short code that never changes meaning (it is stored and counted); ``sentence`` explains it to staff.
    """

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(f"{reason}: {sentence}")
        self.reason = reason
        self.sentence = sentence


@dataclass(slots=True)
class Budget:
    """What one mail has used so far of parts, decoded bytes and seconds; also collects its warnings."""

    max_parts: int = MAX_PARTS
    max_decoded_bytes: int = MAX_DECODED_BYTES
    max_seconds: float = MAX_SECONDS
    parts: int = 0
    decoded_bytes: int = 0
    # Processor time of the reading thread: a mail is not too slow because its process was stopped or had to queue.
    started_at: float = field(default_factory=time.thread_time)
    warnings: list[str] = field(default_factory=list)

    def count_part(self, depth: int) -> None:
        """Account for one more MIME part at ``depth`` (the message itself is 0).

        Raises Unparsable when there are too many, when they nest too deeply or when time is up.
        """
        if depth > MAX_DEPTH:
            raise Unparsable("too_deep", f"The mail nests more than {MAX_DEPTH} parts inside each other.")
        self.parts += 1
        if self.parts > self.max_parts:
            raise Unparsable("too_many_parts", f"The mail has more than {self.max_parts} parts.")
        self.check_time()

    def count_decoded(self, size: int) -> None:
        """Account for ``size`` decoded bytes. Raises Unparsable past the limit."""
        self.decoded_bytes += size
        if self.decoded_bytes > self.max_decoded_bytes:
            megabytes = self.max_decoded_bytes // (1024 * 1024)
            raise Unparsable("too_large_decoded", f"The mail unpacks to more than {megabytes} MB.")
        self.check_time()

    def check_time(self) -> None:
        """Raise Unparsable when reading this mail has taken longer than allowed."""
        if time.thread_time() - self.started_at > self.max_seconds:
            raise Unparsable("too_slow", f"Reading the mail took more than {self.max_seconds:.0f} seconds of work.")

    def warn(self, code: str) -> None:
        """Remember a stable warning code once."""
        if code not in self.warnings:
            self.warnings.append(code)
