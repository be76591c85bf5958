"""Every marked text has a finished Chinese translation with the same placeholders, and the catalogue holds no other."""

from collections.abc import Iterator

import polib

from tools.checks.tree import Finding, Tree
from tools.messages import CATALOGUE, Key, Message, extract, placeholders


def check(tree: Tree) -> Iterator[Finding]:
    """Find texts without a translation, fuzzy or partial ones, lost placeholders and entries nobody uses."""
    messages, mistakes = extract(tree)
    yield from mistakes
    path = tree.root / CATALOGUE
    if not messages and not path.exists():
        return
    if not path.exists():
        yield Finding(CATALOGUE, 1, "the catalogue is missing: run `python -m tools.messages update`")
        return
    catalogue = polib.pofile(str(path))
    known = {Key(entry.msgctxt, entry.msgid): entry for entry in catalogue if not entry.obsolete}
    for key, message in messages.items():
        entry = known.get(key)
        where, line = message.places[0]
        if entry is None:
            yield Finding(where, line, f"{key.text!r} is not in {CATALOGUE}: run `python -m tools.messages update`")
        else:
            for fault in _faults(entry, message):
                yield Finding(CATALOGUE, entry.linenum or 1, f"{key.text!r}: {fault} (used in {where}:{line})")
    for key, entry in known.items():
        if key not in messages:
            line = entry.linenum or 1
            yield Finding(CATALOGUE, line, f"{key.text!r} is used nowhere: run `python -m tools.messages update`")
    if any(entry.obsolete for entry in catalogue):
        yield Finding(CATALOGUE, 1, "obsolete entries: run `python -m tools.messages update`")


def _faults(entry: polib.POEntry, message: Message) -> Iterator[str]:
    if entry.fuzzy:
        yield "fuzzy, so it is not shown: finish it"
    if bool(entry.msgid_plural) != bool(message.plural):
        yield "the plural differs from the source: run `python -m tools.messages update`"
        return
    texts = list(entry.msgstr_plural.values()) if message.plural else [entry.msgstr]
    if not texts or not all(text.strip() for text in texts):
        yield "no translation, or not every plural form"
        return
    needed = placeholders(message.plural or message.key.text)
    for text in texts:
        if placeholders(text) != needed:
            yield f"placeholders differ: {sorted(needed)} in the source, {sorted(placeholders(text))} here"
