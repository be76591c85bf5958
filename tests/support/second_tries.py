"""What drives browsers or a whole running system is tried once more when it fails, and never in silence.

Some twenty processes share two cores there; decision 0016 has the reasons. Everything else is tried once, and a fault
is tried again only when its system did not start: a wait that never ends may be a message that was lost.
"""

import os
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

from tests.faults.catalogue import FOLDER_NAME

TESTS = Path(__file__).resolve().parent.parent
ANYTHING: dict[str, object] = {}
NO_START: dict[str, object] = {"only_rerun": "The system is not ready"}
WHOLE = {TESTS / "browser": ANYTHING, TESTS / "integration" / "system": ANYTHING, TESTS / "faults": NO_START}
LINES = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if FOLDER_NAME in os.environ:  # `make faults` counts what every round came to.
        return
    for item in items:
        for folder, reasons in WHOLE.items():
            if item.path.is_relative_to(folder):
                item.add_marker(pytest.mark.flaky(reruns=1, **reasons))


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print why the first try failed: a failure that goes away has a cause all the same."""
    first_tries = terminalreporter.getreports("rerun")
    if not first_tries:
        return
    terminalreporter.section("tried twice: find out why, although the second try may have passed")
    for report in first_tries:
        terminalreporter.write_line(f"{report.nodeid} ({report.when})")
        terminalreporter.write_line("\n".join(report.longreprtext.splitlines()[-LINES:]))
