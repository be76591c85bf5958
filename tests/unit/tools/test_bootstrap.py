"""Set-up on a machine that lacks something: one clear sentence each."""

import shutil
import sys
from pathlib import Path

import pytest

from tools import bootstrap
from tools.bootstrap import SetupError


def test_python__unsupported_and_no_other__names_the_supported_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    monkeypatch.setenv("PATH", "")

    with pytest.raises(SetupError, match=r"needs Python 3\.11, 3\.12 or 3\.13; python3 is 3\.9"):
        bootstrap.use_supported_python()


def test_venv__module_missing__names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    with pytest.raises(SetupError, match="python3-venv"):
        bootstrap.make_venv(fresh=True)


def test_disk__nearly_full__says_how_much_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "FREE_BYTES", 10**18)

    with pytest.raises(SetupError, match="make room"):
        bootstrap.check_disk()


def test_var_dir__below_a_file__says_which_variable_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("VAR_DIR", str(tmp_path / "file" / "var"))

    with pytest.raises(SetupError, match="set VAR_DIR to a folder of yours"):
        bootstrap.check_var_dir()


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("error: Temporary failure in name resolution, could not connect", "The package registry could not be reached"),
        ("No space left on device", "The disk became full"),
        ("SyntaxError", "failed"),
    ],
)
def test_run__tool_that_fails__names_the_likely_cause(tmp_path: Path, said: str, cause: str) -> None:
    tool = tmp_path / "npm"
    tool.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 1\n")
    tool.chmod(0o755)

    with pytest.raises(SetupError, match=cause):
        bootstrap.run("installing packages", [str(tool)])


@pytest.mark.parametrize(
    ("version", "supported"),
    [("v18.20.0", False), ("v20.18.9", False), ("v20.19.0", True), ("v21.9.0", False), ("v22.11.0", False),
     ("v22.12.0", True), ("v24.1.0", True), ("nonsense", False)],
)  # fmt: skip
def test_node__of_the_system__is_used_when_vite_supports_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    supported: bool,
) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert bootstrap.has_system_node() is supported


def test_digest__of_changed_content__differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    file = tmp_path / "a.ts"
    file.write_text("1")
    before = bootstrap.digest([file])

    file.write_text("2")

    assert bootstrap.digest([file]) != before


def test_lock_files__all_of_them__name_no_host() -> None:
    for path in bootstrap.REQUIREMENTS.glob("*.txt"):
        assert "://" not in path.read_text(encoding="utf-8"), path.name
    assert '"resolved"' not in (bootstrap.FRONTEND / "package-lock.json").read_text(encoding="utf-8")


def test_interpreter__of_this_machine__is_found() -> None:
    assert shutil.which("python3")
    assert bootstrap.venv_python_version() is not None
