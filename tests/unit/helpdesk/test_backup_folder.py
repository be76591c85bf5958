"""The folder of a backup: whose it is, what counts as complete, what a damaged or wrong one is refused with."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from helpdesk.backup import folder as paper
from helpdesk.backup import logs, restoring, taking
from helpdesk.backup.folder import Folder
from helpdesk.embedded import places
from helpdesk.embedded.problem import SetupError
from helpdesk.launcher.progress import Progress

NOWHERE = "postgres://nobody@127.0.0.1:1/none"
MADE = datetime(2026, 1, 1, tzinfo=UTC)
IDENTITY = {"cluster": "1", "timeline": "1", "database": "pharos"}
LABEL = "START WAL LOCATION: 0/3000028 (file {first})\n"


def silent(_line: str) -> None:
    """Say nothing."""


def backup(root: Path, *names: str, first: str = "000000010000000000000003") -> Folder:
    made = Folder(root)
    made.claim(IDENTITY, {"max_connections": "100"})
    for name in names or ("20260101T000000Z",):
        base = made.base / name
        (base / "pg_wal").mkdir(parents=True)
        (base / "backup_label").write_text(LABEL.format(first=first))
        (base / "PG_VERSION").write_text("18\n")
        files = sorted(path for path in base.rglob("*") if path.is_file())
        paper.write(made.base / f"{name}.sha256", paper.list_of(root, files))
    (made.wal / f"{first}.partial").write_bytes(b"log")
    kept = made.media / "ab" / "cd" / "file"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"proof")
    paper.append(root / "media.sha256", paper.list_of(root, [kept]))
    return made


def target(root: Path) -> restoring.Target:
    return restoring.Target(root / "data", root / "media", root / "anchors")


def test_put_files__whole_backup__lays_out_data_log_and_files(tmp_path: Path) -> None:
    where = target(tmp_path / "machine")

    restoring.put_files(backup(tmp_path / "backup"), where, silent)

    assert (where.data / "PG_VERSION").read_text() == "18\n"
    assert (where.data / "pg_wal").is_dir()
    assert (where.data / "recovery.signal").exists()
    assert (where.data / restoring.REPLAYED_LOG / "000000010000000000000003").read_bytes() == b"log"
    assert (where.media / "ab" / "cd" / "file").read_bytes() == b"proof"
    assert where.data.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damaged", ["base/20260101T000000Z/PG_VERSION", "media/ab/cd/file"])
def test_put_files__changed_byte__is_refused_by_name(tmp_path: Path, damaged: str) -> None:
    made = backup(tmp_path / "backup")
    (made.root / damaged).write_text("else")

    with pytest.raises(SetupError, match="damaged"):
        restoring.put_files(made, target(tmp_path / "machine"), silent)


def with_log(root: Path, *numbers: int, partial: int) -> Folder:
    """Return a backup whose log has these segments, all listed, and one in the making."""
    made = backup(root, first=f"{1:08X}{0:08X}{partial:08X}")
    (made.base / "20260101T000000Z" / "backup_label").write_text(LABEL.format(first=segment(numbers[0])))
    names = made.base / "20260101T000000Z.sha256"
    paper.write(names, paper.list_of(root, [made.root / name for name, _ in paper.listed(names)]))
    complete = [made.wal / segment(number) for number in numbers]
    for path in complete:
        path.write_bytes(b"log")
    paper.append(root / "wal.sha256", paper.list_of(root, complete))
    return made


def segment(number: int) -> str:
    return f"{1:08X}{number // 256:08X}{number % 256:08X}"


def test_put_files__log_without_a_hole__is_laid_out_whole(tmp_path: Path) -> None:
    made = with_log(tmp_path / "backup", 3, 4, 5, partial=6)
    (made.wal / f"{segment(5)}.partial").write_bytes(b"the beginning of what is complete")
    where = target(tmp_path / "machine")

    restoring.put_files(made, where, silent)

    ready = where.data / restoring.REPLAYED_LOG
    assert sorted(path.name for path in ready.iterdir()) == [segment(number) for number in (3, 4, 5, 6)]
    assert (ready / segment(5)).read_bytes() == b"log"


@pytest.mark.parametrize("missing", [3, 4, 5])
@pytest.mark.parametrize("is_listed", [True, False])
def test_put_files__segment_is_missing__is_refused_by_name(tmp_path: Path, missing: int, is_listed: bool) -> None:
    made = with_log(tmp_path / "backup", 3, 4, 5, partial=6)
    (made.wal / segment(missing)).unlink()
    if not is_listed:
        names = made.root / "wal.sha256"
        kept = [line for line in names.read_text().splitlines(keepends=True) if segment(missing) not in line]
        names.write_text("".join(kept))

    with pytest.raises(SetupError, match=rf"damaged.*{segment(missing)} is missing"):
        restoring.put_files(made, target(tmp_path / "machine"), silent)


def test_put_files__log_begins_after_the_base_copy_ends__is_refused(tmp_path: Path) -> None:
    made = with_log(tmp_path / "backup", 3, partial=9)

    with pytest.raises(SetupError, match=f"{segment(4)} is missing"):
        restoring.put_files(made, target(tmp_path / "machine"), silent)


def test_whole__half_of_the_number_runs_over__is_no_hole(tmp_path: Path) -> None:
    made = with_log(tmp_path / "backup", 254, 255, 256, partial=3)
    (made.wal / f"{segment(3)}.partial").unlink()

    assert [path.name for path in logs.whole(made, made.bases()[-1])] == [segment(number) for number in (254, 255, 256)]


def test_whole__server_was_promoted__goes_on_where_the_former_timeline_was_left(tmp_path: Path) -> None:
    made = with_log(tmp_path / "backup", 3, 4, partial=5)
    for name in ("00000002.history", "000000020000000000000005", "000000020000000000000006.partial"):
        (made.wal / name).write_bytes(b"log")

    assert len(logs.whole(made, made.bases()[-1])) == 6
    (made.wal / "000000020000000000000005").rename(made.wal / "000000020000000000000008")
    with pytest.raises(SetupError, match="000000020000000000000007 is missing"):
        logs.whole(made, made.bases()[-1])


@pytest.mark.parametrize("occupied", ["data", "media"])
def test_put_files__place_that_is_not_empty__is_left_alone(tmp_path: Path, occupied: str) -> None:
    mine = tmp_path / "machine" / occupied / "mine"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")

    with pytest.raises(SetupError, match="not empty"):
        restoring.put_files(backup(tmp_path / "backup"), target(tmp_path / "machine"), silent)
    assert mine.read_text() == "mine"


def test_put_files__copy_that_was_never_finished__does_not_count(tmp_path: Path) -> None:
    made = backup(tmp_path / "backup")
    (made.base / "20260101T000000Z.sha256").unlink()

    with pytest.raises(SetupError, match="no complete backup"):
        restoring.put_files(made, target(tmp_path / "machine"), silent)


def test_bring_up__keys_are_not_there__says_so_and_copies_nothing(tmp_path: Path) -> None:
    where = places.of(tmp_path / "machine")

    with pytest.raises(SetupError, match=r"keys\.json"):
        restoring.bring_up(where, backup(tmp_path / "backup"), Progress())
    assert not where.postgres.exists()


def test_claim__folder_of_another_cluster__is_refused(tmp_path: Path) -> None:
    made = backup(tmp_path / "backup")

    with pytest.raises(SetupError, match="another cluster"):
        made.claim(IDENTITY | {"timeline": "2"}, {})
    made.claim(IDENTITY, {})


def test_claim__folder_with_other_things__is_refused(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_text("")

    with pytest.raises(SetupError, match="not empty and no backup"):
        Folder(tmp_path).claim(IDENTITY, {})


def test_claim__empty_folder__is_closed_to_others(tmp_path: Path) -> None:
    made = backup(tmp_path / "backup")

    assert made.root.stat().st_mode & 0o077 == 0
    assert "KEYS ARE NOT IN HERE" in (made.root / "README.txt").read_text()


def test_prune__third_copy__lets_the_oldest_go_and_the_log_only_it_needed(tmp_path: Path) -> None:
    made = backup(tmp_path / "backup", "20260101T000000Z", "20260102T000000Z", first="000000010000000000000005")
    old = made.wal / "000000010000000000000004"
    old.write_bytes(b"old log")
    paper.append(made.root / "wal.sha256", paper.list_of(made.root, [old]))

    taking.prune(made, keep=1)

    assert [path.name for path in made.bases()] == ["20260102T000000Z"]
    assert not old.exists()
    assert not list(paper.listed(made.root / "wal.sha256"))
    assert (made.wal / "000000010000000000000005.partial").exists()


def test_base__copies_that_were_killed__go_before_the_next(tmp_path: Path) -> None:
    made = backup(tmp_path / "backup")
    for name in ("20260102T000000Z.unfinished", "20260103T000000Z"):
        (made.base / name / "pg_wal").mkdir(parents=True)
        (made.base / name / "pg_wal" / "piece").write_bytes(b"log")

    with pytest.raises(SetupError):
        taking.Taking(made, NOWHERE, keep=7, say=silent).base()

    assert sorted(path.name for path in made.base.iterdir()) == ["20260101T000000Z", "20260101T000000Z.sha256"]


def test_condition__base_copy_of_today_and_log__is_well(tmp_path: Path) -> None:
    is_ok, detail = taking.condition(backup(tmp_path / "backup"), "", "", MADE + timedelta(hours=24))

    assert is_ok
    assert detail == "base copy of 20260101T000000Z"


@pytest.mark.parametrize(("complaint", "trouble", "hours"), [("no route", "", 1), ("", "copy failed", 1), ("", "", 26)])
def test_condition__log_or_copy_fails_or_copy_is_old__is_bad(
    tmp_path: Path, complaint: str, trouble: str, hours: int
) -> None:
    is_ok, detail = taking.condition(backup(tmp_path / "backup"), complaint, trouble, MADE + timedelta(hours=hours))

    assert not is_ok
    assert complaint in detail
    assert trouble in detail


def test_condition__no_base_copy__is_bad(tmp_path: Path) -> None:
    made = backup(tmp_path / "backup")
    (made.base / "20260101T000000Z.sha256").unlink()

    assert taking.condition(made, "", "", MADE) == (False, "there is no base copy yet")
    assert taking.is_due(made, MADE)


def test_pay__owed_copy_fails__stays_owed_and_is_bad(tmp_path: Path) -> None:
    made = backup(tmp_path / "backup")
    assert not taking.is_due(made, MADE)
    made.owe()

    with pytest.raises(SetupError):
        taking.Taking(made, NOWHERE, keep=7, say=silent).pay()

    again = Folder(made.root)
    assert taking.is_due(again, MADE)
    assert not taking.condition(again, "", "", MADE)[0]


def test_settle__owed_again_meanwhile__stays_owed(tmp_path: Path) -> None:
    made = backup(tmp_path / "backup")
    made.owe()
    former = made.owed()
    made.owe()

    made.settle(former)
    assert made.owed()
    made.settle(made.owed())
    assert not made.owed()


def test_listed__last_line_cut_off_by_a_crash__is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("aa  one\nbb  tw")
    assert list(paper.listed(path)) == [("one", "aa")]
