"""Writes the summary of docs/asvs.md anew from its lines: `python -m tests.contracts.asvs.table`."""

from tests.contracts.asvs import register


def main() -> int:
    """Replace what stands between the marks."""
    document = register.DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = document.partition(register.BEGIN)
    after = rest.partition(register.END)[2]
    table = register.summary(register.entries(document))
    text = f"{before}{register.BEGIN}\n{table}\n{register.END}{after}"
    register.DOCUMENT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
