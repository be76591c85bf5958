"""Where a copy keeps its things, and which URLs and keys its processes are told."""

import json
import os
import stat
from pathlib import Path

import pytest

from helpdesk.embedded import environment, keys, places
from helpdesk.embedded.problem import SetupError

ADMIN = "postgresql://boss:word@db.example:5433/desk?sslmode=require"


@pytest.fixture
def where(tmp_path: Path) -> places.Places:
    """The folders of a new copy."""
    found = places.of(tmp_path / "var")
    places.prepare(found)
    return found


def test_places__short_var_dir__keeps_sockets_inside() -> None:
    assert places.of(Path("/srv/desk/var")).sockets == Path("/srv/desk/var/run")


@pytest.mark.parametrize("name", ["x" * 120, "with space", "per%cent"])
def test_places__var_dir_that_cannot_hold_sockets__uses_a_short_folder_of_its_own(name: str) -> None:
    first, second = places.of(Path("/srv") / name), places.of(Path("/srv") / f"{name}2")

    assert len(os.fsencode(first.sockets)) <= places.SOCKET_FOLDER_LIMIT
    assert first.sockets != second.sockets


def test_prepare__secrets_folder_open_to_others__closes_it(where: places.Places) -> None:
    where.secrets.chmod(0o755)

    places.prepare(where)

    assert stat.S_IMODE(where.secrets.stat().st_mode) == 0o700


def test_private_folder__that_is_a_link__is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")

    with pytest.raises(SetupError, match="belongs to somebody else"):
        places.private_folder(tmp_path / "link")


def test_prepare__var_dir_below_a_file__says_so_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SetupError, match=r"VAR_DIR=.* cannot be written .*: set VAR_DIR"):
        places.prepare(places.of(tmp_path / "file" / "var"))


def test_keys__read_again__are_the_same_and_private(where: places.Places) -> None:
    first = keys.read_or_generate(where)

    assert keys.read_or_generate(where) == first
    assert stat.S_IMODE(where.keys_file.stat().st_mode) == 0o600


def test_keys__that_sign_for_the_exchange__are_published_by_their_public_halves_only(where: places.Places) -> None:
    values = environment.resolve(where, {}).values

    published = json.loads(Path(values["PHAROS_PUBLIC_KEYS"]).read_text())["keys"]

    assert [(key["kty"], key["crv"], key["kid"].partition("-")[0]) for key in published] == [
        ("OKP", "Ed25519", "gateway"),
        ("OKP", "Ed25519", "verifier"),
    ]
    assert all("d" not in key for key in published)
    assert published[0]["x"] != published[1]["x"]
    assert not published[0]["kid"].endswith(published[1]["kid"].partition("-")[2])


def test_keys__one_missing__is_added_and_the_others_stay(where: places.Places) -> None:
    kept = keys.read_or_generate(where)
    former = kept.pop("app_password")
    keys.write_private(where.keys_file, kept)

    after = keys.read_or_generate(where)

    assert after.pop("app_password") != former
    assert after == kept


def test_resolve__nothing_given__uses_embedded_stores_on_private_sockets(where: places.Places) -> None:
    running = environment.resolve(where, {})

    assert running.starts_postgres
    assert running.starts_valkey
    assert str(where.sockets) in running.values["REDIS_URL"]
    assert stat.S_IMODE(where.environment_file.stat().st_mode) == 0o600


def test_resolve__database_url_alone__derives_both_roles_on_the_same_database(where: places.Places) -> None:
    values = environment.resolve(where, {"DATABASE_URL": ADMIN}).values

    assert values["DATABASE_ADMIN_URL"] == ADMIN
    assert values["DATABASE_URL"].startswith("postgresql://pharos_app:")
    assert values["DATABASE_OWNER_URL"].startswith("postgresql://pharos_migrator:")
    assert values["DATABASE_URL"].endswith("@db.example:5433/desk?sslmode=require")


def test_resolve__owner_given_too__uses_both_urls_as_they_are(where: places.Places) -> None:
    given = {"DATABASE_URL": "postgresql://a:b@h/d", "DATABASE_OWNER_URL": "postgresql://o:p@h/d"}

    running = environment.resolve(where, given)

    assert given.items() <= running.values.items()
    assert running.values["DATABASE_ADMIN_URL"] == ""
    assert not running.starts_postgres


def test_process_environment__of_an_ordinary_process__holds_neither_seal_nor_owner(where: places.Places) -> None:
    told = environment.resolve(where, {}).process_environment(holds_seal=False)

    withheld = (environment.SEAL_NAME, *environment.OWNER_NAMES, *environment.VERIFIER_NAMES)
    assert {told[name] for name in withheld} == {""}


def test_load__of_a_recorded_copy__fills_in_only_what_is_not_set(
    where: places.Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = environment.resolve(where, {}).values
    monkeypatch.setenv("SECRET_KEY", "mine")
    monkeypatch.setenv(environment.SEAL_NAME, "")
    monkeypatch.setenv("REDIS_URL", "to be removed")
    monkeypatch.delenv("REDIS_URL")

    environment.load(where.var_dir)

    assert os.environ["SECRET_KEY"] == "mine"
    assert os.environ[environment.SEAL_NAME] == ""
    assert os.environ["REDIS_URL"] == recorded["REDIS_URL"]


def test_load__with_the_database_url_the_copy_was_started_with__works_as_the_app_role(
    where: places.Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = environment.resolve(where, {"DATABASE_URL": ADMIN}).values
    monkeypatch.setenv("DATABASE_URL", ADMIN)

    environment.load(where.var_dir)

    assert os.environ["DATABASE_URL"] == recorded["DATABASE_URL"]


def test_load__where_nothing_ever_ran__writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})

    environment.load(tmp_path / "var")

    assert os.environ["SECRET_KEY"]
    assert not (tmp_path / "var").exists()
