"""Each import contract breaks on a violating import planted in a copy of the packages, and holds without it."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tools.checks.tree import FLOORS

ROOT = Path(__file__).resolve().parents[3]
LINT = Path(sys.executable).parent / "lint-imports"

# contract → plants: files to write in the copy (each is added to what is there).
PLANTS: dict[str, list[dict[str, str]]] = {
    "floors": [
        {"accounts/planted.py": "import tickets\n"},
        {"security/planted.py": "from tickets import apps\n"},
        {"tickets/planted.py": "import livechat\n"},
        {"tickets/planted.py": "from helpdesk.settings import base\n"},
        {"kb/planted.py": "import tickets.apps\n"},
        # through a third module, and only for the type checker
        {"accounts/planted.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import security.apps\n"},
    ],
    "core-knows-no-app": [
        {"core/planted.py": "import accounts\n"},
        {"core/planted.py": "def act():\n    from helpdesk import apps\n"},
    ],
    "stair": [
        {
            "tickets/models/planted.py": "from tickets.services import planted\n",
            "tickets/services/planted.py": "A = 1\n",
        },
        {"tickets/services/planted.py": "from tickets.views import planted\n", "tickets/views/planted.py": "A = 1\n"},
        {"tickets/delivery/planted.py": "from tickets import effects\n", "tickets/effects.py": "A = 1\n"},
        {
            "security/models/planted.py": "from security.services import planted\n",
            "security/services/planted.py": "A = 1\n",
        },
    ],
    "doors-use-services": [
        {f"tickets/{door}": f"from tickets import {hand}\n", f"tickets/{hand}.py": "A = 1\n"}
        for door, hand in [
            ("views/planted.py", "effects"),
            ("api/planted.py", "outbound_tasks"),
            ("consumers.py", "realtime"),
            ("inbound_tasks.py", "effects"),
            ("admin.py", "outbound_tasks"),
            ("management/commands/planted.py", "effects"),
        ]
    ]
    + [
        {"tickets/views/planted.py": "from tickets.delivery import planted\n", "tickets/delivery/planted.py": "A = 1\n"}
    ],
    "effects-schedule": [
        {"tickets/selectors.py": "from tickets import effects\n", "tickets/effects.py": "A = 1\n"},
        {
            "tickets/outbound_tasks.py": "from tickets.services import planted\n",
            "tickets/services/planted.py": "A = 1\n",
        },
    ],
    "services-talk-to-no-one": [
        {"tickets/services/planted.py": "import smtplib\n"},
        {"tickets/services/planted.py": "from channels.layers import get_channel_layer\n"},
        {"security/models/planted.py": "from celery import shared_task\n"},
    ],
    "product-without-tests": [
        {"core/planted.py": "import pytest\n"},
        {"tickets/services/planted.py": "from tools import messages\n"},
    ],
    "exchange-knows-nobody": [
        {"sandbox/planted.py": "from security import fund_rule\n"},
        {"sandbox/conformance/planted.py": "def act():\n    import core\n"},
    ],
    "nobody-knows-exchange": [
        {"tickets/services/planted.py": "from sandbox import actions\n"},
        {"helpdesk/planted.py": "import sandbox\n"},
    ],
}
CASES = [(contract, index) for contract, plants in PLANTS.items() for index in range(len(plants))]


def contracts() -> list[dict[str, Any]]:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = configuration["tool"]["importlinter"]["contracts"]
    return found


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and their configuration, without anything that is not Python."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for floor in (*FLOORS, "sandbox"):
        for source in (ROOT / floor).rglob("*.py"):
            target = tmp_path / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return tmp_path


def plant(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        for folder in target.relative_to(root).parents:
            if folder.parts and not (root / folder / "__init__.py").exists():
                (root / folder / "__init__.py").touch()
        as_package = target.with_suffix("")
        target = as_package / "__init__.py" if as_package.is_dir() else target
        existing = target.read_text(encoding="utf-8") if target.exists() else ""
        target.write_text(f"{existing}\n{text}", encoding="utf-8")


def lint(root: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    only = ["--contract", contract] if contract else []
    command = [str(LINT), "--no-logo", "--no-cache", *only]
    return subprocess.run(command, cwd=root, check=False, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(("contract", "index"), CASES, ids=str)
def test_import_contract__planted_violation__breaks(copy: Path, contract: str, index: int) -> None:
    plant(copy, PLANTS[contract][index])

    result = lint(copy, contract)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout


def test_import_contracts__unplanted_copy__hold(copy: Path) -> None:
    result = lint(copy)

    assert result.returncode == 0, result.stdout + result.stderr


def test_import_contracts__each_one__has_a_plant() -> None:
    assert {contract["id"] for contract in contracts()} == set(PLANTS)
