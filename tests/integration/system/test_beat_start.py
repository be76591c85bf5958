"""The scheduler on keys that are none: one sentence, and nothing before or after it."""

import os
import subprocess
import sys
from pathlib import Path

from helpdesk import fresh_secrets
from helpdesk.embedded.places import ROOT
from tests.faults.secret_missing import ADDRESSES, KEPT


def test_beat__key_that_is_none__ends_with_one_sentence(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    keys = dict(line.split("=", 1) for line in fresh_secrets.lines()) | {"PHAROS_MAIL_KEYS": "not-a-key"}
    done = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "helpdesk", "beat", "--schedule", str(tmp_path / "rounds")],
        cwd=ROOT, env=kept | ADDRESSES | keys | {"VAR_DIR": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = (done.stdout + done.stderr).strip().splitlines()
    assert done.returncode != 0
    assert len(said) == 1
    assert said[0].startswith("Pharos does not start: Each of PHAROS_MAIL_KEYS")
