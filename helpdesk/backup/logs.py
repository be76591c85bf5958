"""The log of a backup: which segment a base copy begins with, and whether every one since then is there."""

from pathlib import Path

from helpdesk.backup import folder as paper
from helpdesk.backup.folder import PARTIAL, Folder
from helpdesk.embedded.problem import SetupError

HISTORY = ".history"
# The name of a segment: timeline, then the position in two halves, eight hexadecimal digits each.
NAME_LENGTH = 24
SMALLEST_SEGMENT, USUAL_SEGMENT = 1 << 20, 16 << 20


def first_segment(base: Path) -> str:
    """Return the name of the log segment that restoring this base copy begins with."""
    for line in (base / "backup_label").read_text(encoding="utf-8").splitlines():
        if line.startswith("START WAL LOCATION"):
            return line.rpartition("file ")[2].rstrip(")")
    message = f"{base} has no backup_label."
    raise SetupError(message)


def whole(folder: Folder, base: Path) -> dict[Path, str]:
    """Return every file of the log that this base copy needs, with its SHA-256 where it is listed already.

    Raises SetupError, naming it, when one that is listed is missing or when the segments do not follow each other.
    """
    first = first_segment(base)
    found: dict[Path, str] = {}
    for name, value in paper.listed(folder.root / "wal.sha256"):
        path = folder.root / name
        if not _is_before(path.name, first):
            if not path.exists():
                message = f"The backup is damaged: {path} is missing."
                raise SetupError(message)
            found[path] = value
    for path in sorted(folder.wal.iterdir()):
        complete = path.with_name(path.name.removesuffix(PARTIAL))
        # What is not listed yet: the segment in the making, and those of the last seconds.
        if path.suffix != ".new" and not _is_before(path.name, first) and complete not in found:
            found[path] = ""
    _refuse_holes(folder, first, {*(base / "pg_wal").iterdir(), *found})
    return found


def _is_before(name: str, first: str) -> bool:
    return not name.endswith(HISTORY) and name[8:NAME_LENGTH] < first[8:]


def _refuse_holes(folder: Folder, first: str, files: set[Path]) -> None:
    """Raise SetupError at the first segment that is missing; a new timeline begins where the former one was left."""
    segments = [path for path in files if len(path.name.removesuffix(PARTIAL)) == NAME_LENGTH]
    largest = max((path.stat().st_size for path in segments), default=0)
    in_a_half = (1 << 32) // (largest if largest >= SMALLEST_SEGMENT else USUAL_SEGMENT)
    there: dict[int, set[int]] = {}
    for path in segments:
        there.setdefault(int(path.name[:8], 16), set()).add(_number(path.name, in_a_half))
    hole = _hole(there, int(first[:8], 16), _number(first, in_a_half))
    if hole:
        name = f"{hole[0]:08X}{hole[1] // in_a_half:08X}{hole[1] % in_a_half:08X}"
        message = f"The backup is damaged: its log has a hole, {folder.wal / name} is missing."
        raise SetupError(message)


def _hole(there: dict[int, set[int]], first: int, number: int) -> tuple[int, int] | None:
    """Return timeline and number of the first segment missing from `number` of timeline `first` on."""
    if not there:
        return first, number
    for timeline in sorted(one for one in there if one >= first):
        known = there[timeline]
        begin = number if timeline == first else min(known)
        if begin > number:
            return timeline, number
        for each in range(begin, max(known) + 1):
            if each not in known:
                return timeline, each
        number = max(number, max(known) + 1)
    return None


def _number(name: str, in_a_half: int) -> int:
    return int(name[8:16], 16) * in_a_half + int(name[16:NAME_LENGTH], 16)
