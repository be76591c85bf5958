"""Runs the steps of `make check` side by side and prints each with its time; every failure is shown."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from tools.checks.environment import stand_in
from tools.checks.tree import PROJECT

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
STEP_LIMIT_S = 600


@dataclass(frozen=True)
class Step:
    """One command of the check, run from the root."""

    name: str
    command: list[str]
    environment: Mapping[str, str] | None = None
    folder: Path = field(default=ROOT)


@dataclass(frozen=True)
class Outcome:
    """How a step ended."""

    step: Step
    ok: bool
    seconds: float
    output: str


def steps() -> list[Step]:
    """Return all steps, the slowest first, so that the short ones fill the gaps."""
    python = sys.executable
    packages = [name for name in (*PROJECT, "manage.py") if (ROOT / name).exists()]
    test_settings = stand_in("helpdesk.settings.test")
    found = [
        Step("types (mypy)", [str(BIN / "mypy"), *packages], test_settings),
        *_frontend(),
        Step("house checks", [python, "-m", "tools.checks.house.report"]),
        Step("templates (djlint)", [str(BIN / "djlint"), "--lint", "--quiet", "templates", "sandbox/templates"]),
        Step("deployment (manage.py check --deploy)", [python, "-m", "tools.checks.django_state", "deploy"]),
        Step("models, migrations and grants", [python, "-m", "tools.checks.django_state", "models"]),
        Step("event types (events.py and events.ts)", [python, "tools/event_types.py", "--check"], test_settings),
        Step("floors (import-linter)", [str(BIN / "lint-imports"), "--no-logo"]),
        Step("lint (ruff check)", [str(BIN / "ruff"), "check", "--quiet", "."]),
        Step("format (ruff format --check)", [str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    ]
    return [step for step in found if step.name != "templates (djlint)" or (ROOT / "templates").is_dir()]


def _frontend() -> list[Step]:
    folder = ROOT / "frontend"
    if not (folder / "package.json").exists():
        return []
    npm = shutil.which("npm") or shutil.which("npm", path=str(BIN))
    if npm is None or not (folder / "node_modules").is_dir():
        say = "print('node or frontend/node_modules is missing: run make build-frontend'); raise SystemExit(1)"
        return [Step("frontend", [sys.executable, "-c", say])]
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1"}
    return [
        Step("frontend types (tsc)", [npm, "run", "--silent", "typecheck"], environment, folder),
        Step("frontend tests (vitest)", [npm, "test", "--silent"], environment, folder),
    ]


def run(step: Step) -> Outcome:
    """Run one step; a missing tool or a step without end is a failure, not a crash."""
    started = time.perf_counter()
    try:
        done = subprocess.run(
            step.command,
            cwd=step.folder,
            env=step.environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=STEP_LIMIT_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Outcome(step, ok=False, seconds=time.perf_counter() - started, output=str(error))
    return Outcome(step, done.returncode == 0, time.perf_counter() - started, done.stdout.strip())


def main() -> int:
    """Run every step, or those whose name contains one of the arguments; return 1 when any failed."""
    parser = argparse.ArgumentParser(prog="python -m tools.checks", description=__doc__)
    parser.add_argument("names", nargs="*", help="run only steps whose name contains one of these")
    wanted = parser.parse_args().names
    chosen = [step for step in steps() if not wanted or any(word in step.name for word in wanted)]
    started = time.perf_counter()
    failed: list[Outcome] = []
    with ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 2)) as pool:
        running: list[Future[Outcome]] = [pool.submit(run, step) for step in chosen]
        for future in as_completed(running):
            outcome = future.result()
            print(f"{'ok  ' if outcome.ok else 'FAIL'} {outcome.step.name} ({outcome.seconds:.1f} s)", flush=True)
            if not outcome.ok:
                failed.append(outcome)
            elif outcome.step.name == "house checks":
                print(outcome.output, flush=True)
    for outcome in failed:
        print(f"\n── {outcome.step.name}\n{outcome.output}")
    seconds = time.perf_counter() - started
    print(f"\n{len(chosen) - len(failed)} of {len(chosen)} steps passed in {seconds:.0f} s")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    raise SystemExit(main())
