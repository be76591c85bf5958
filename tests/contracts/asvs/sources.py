"""The product's own source, as these tests read it."""

from pathlib import Path

ROOT = Path(__file__).parents[3]
FLOORS = ("core", "accounts", "security", "kb", "tickets", "livechat", "helpdesk")
# The demo's people and pictures are drawn by lot, so that they are the same each time.
NOT_THE_PRODUCT = ("helpdesk/demo/",)


def product_files() -> list[Path]:
    """Every Python file of the floors, the demo's stage apart."""
    found = (path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py")))
    return [path for path in found if not path.relative_to(ROOT).as_posix().startswith(NOT_THE_PRODUCT)]
