"""What the pages' own scripts never do; read from their source."""

import re

from tests.contracts.asvs.sources import ROOT

# A key that is a value: in an object it could be `__proto__`.
COMPUTED = re.compile(
    r"(?<![\w\])])[\w.]+\[(?!\"|\d)[^\]]+\]\s*=(?!=)|__proto__|\beval\(|new Function\(|document\.write\("
)
# The load tool of benches, and a list of tabs by number.
HARMLESS = {"crowd/main.ts": "at[visitor.chat] =", "crowd/kept.ts": "this.tabs[index] ="}


def test_keys__computed_ones__are_written_into_no_object() -> None:
    source = ROOT / "frontend" / "src"
    files = [path for path in source.rglob("*.ts") if ".test." not in path.name and "generated" not in path.parts]
    found = {
        (path.relative_to(source).as_posix(), hit)
        for path in files
        for hit in COMPUTED.findall(path.read_text(encoding="utf-8"))
    }
    assert len(files) > 50
    assert found == set(HARMLESS.items())


def test_pattern__planted__is_found() -> None:
    assert COMPUTED.search("options[name] = value")
    assert COMPUTED.search("eval(words)")
    assert not COMPUTED.search("const [first] = words")
