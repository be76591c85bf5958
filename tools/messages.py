"""Keeps locale/zh_Hans in step with the source and compiles it, without gettext: `python -m tools.messages [act]`."""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import polib
from django.conf import settings
from django.template import TemplateSyntaxError
from django.utils.translation.template import templatize

from tools.checks.tree import FLOORS, Finding, Source, Tree, called_name, calls

ROOT = Path(__file__).resolve().parents[1]
CATALOGUE = "locale/zh_Hans/LC_MESSAGES/django.po"

STRING = r"[uU]?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
TEMPLATE_CALL = re.compile(
    rf"(?<!\w)(npgettext|ngettext|pgettext|gettext|_)\(\s*({STRING})(?:\s*,\s*({STRING}))?(?:\s*,\s*({STRING}))?"
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sd]|\{\w*\}")
HEADER = {
    "Project-Id-Version": "Pharos",
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


class Key(NamedTuple):
    """What identifies a message: its context, if any, and its text."""

    context: str | None
    text: str


@dataclass
class Message:
    """One text to translate, and where it is used."""

    key: Key
    plural: str = ""
    places: list[tuple[str, int]] = field(default_factory=list)


def extract(tree: Tree) -> tuple[dict[Key, Message], list[Finding]]:
    """Return every marked text of Python and templates, and the marks that cannot be extracted."""
    messages: dict[Key, Message] = {}
    mistakes: list[Finding] = []
    if not settings.configured:
        settings.configure(USE_I18N=True)
    for path, line, context, text, plural in _marked(tree, mistakes):
        if text:
            message = messages.setdefault(Key(context, text), Message(Key(context, text)))
            message.plural = message.plural or plural
            message.places.append((path, line))
    return messages, mistakes


def placeholders(text: str) -> set[str]:
    """The `%(name)s`, `%s` and `{name}` of a text."""
    return set(PLACEHOLDER.findall(text.replace("%%", "")))


def _marked(tree: Tree, mistakes: list[Finding]) -> Iterator[tuple[str, int, str | None, str, str]]:
    for source in tree.python(top=(*FLOORS, "sandbox")):
        for call in calls(source.module):
            function = called_name(call).removesuffix("_lazy").removesuffix("_noop")
            if function in {"_", "gettext", "ngettext", "pgettext", "npgettext"} and call.args:
                yield from _python_call(source, call, function, mistakes)
    for path in tree.having(".html", ".txt", ".subject"):
        if path.split("/", 1)[0] in {"templates", "sandbox", *FLOORS} and "templates/" in path:
            try:
                pseudo = templatize(tree.text(path) or "", origin=path)
            except (SyntaxError, TemplateSyntaxError) as error:
                mistakes.append(Finding(path, 1, f"a translation tag cannot be read: {error}"))
                continue
            yield from _template_calls(path, pseudo)


def _python_call(
    source: Source, call: ast.Call, function: str, mistakes: list[Finding]
) -> Iterator[tuple[str, int, str | None, str, str]]:
    count = {"_": 1, "gettext": 1, "ngettext": 2, "pgettext": 2, "npgettext": 3}[function]
    texts: list[str] = []
    for argument in call.args[:count]:
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            mistakes.append(source.finding(call, "translate a constant: an f-string or variable reaches no catalogue"))
            return
        texts.append(argument.value)
    context = texts.pop(0) if "pgettext" in function else None
    yield source.path, call.lineno, context, texts[0], texts[1] if len(texts) > 1 else ""


def _template_calls(path: str, pseudo: str) -> Iterator[tuple[str, int, str | None, str, str]]:
    for found in TEMPLATE_CALL.finditer(pseudo):
        function = found[1]
        texts = [str(ast.literal_eval(text.lstrip("uU"))) for text in found.groups()[1:] if text]
        context = texts.pop(0) if "pgettext" in function else None
        plural = texts[1] if "ngettext" in function or function == "npgettext" else ""
        yield path, pseudo.count("\n", 0, found.start()) + 1, context, texts[0], plural


def update(root: Path) -> tuple[int, int]:
    """Add new texts to the catalogue and drop unused ones; return how many of each."""
    messages, mistakes = extract(Tree(root))
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    path = root / CATALOGUE
    path.parent.mkdir(parents=True, exist_ok=True)
    old = polib.pofile(str(path)) if path.exists() else polib.POFile()
    finished = {Key(entry.msgctxt, entry.msgid): entry for entry in old}
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = HEADER
    for key in sorted(messages, key=lambda key: (messages[key].places[0], key.text)):
        catalogue.append(_entry(messages[key], finished.get(key)))
    catalogue.save(str(path))
    return len(messages.keys() - finished.keys()), len(finished.keys() - messages.keys())


def _entry(message: Message, old: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(msgctxt=message.key.context, msgid=message.key.text)
    entry.occurrences = [(path, "") for path in sorted({path for path, _ in message.places})]
    format_flag = "python-format" if re.search(r"%\(\w+\)s|%s", message.key.text + message.plural) else ""
    entry.flags = [format_flag] if format_flag else []
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = {0: ""}
    if old is not None:
        if old.fuzzy:
            entry.flags.append("fuzzy")
        was = old.msgstr_plural.get(0, "") if old.msgid_plural else old.msgstr
        if message.plural:
            entry.msgstr_plural = {0: was}
        else:
            entry.msgstr = was
    return entry


def compile_catalogues(root: Path) -> list[Path]:
    """Write the .mo file beside each catalogue; return those written."""
    written = []
    for path in sorted((root / "locale").glob("*/LC_MESSAGES/*.po")):
        target = path.with_suffix(".mo")
        polib.pofile(str(path)).save_as_mofile(str(target))
        written.append(target)
    return written


def missing(root: Path) -> list[str]:
    """Return the texts that have no finished translation."""
    catalogue = polib.pofile(str(root / CATALOGUE))
    return [entry.msgid for entry in catalogue if not entry.obsolete and not entry.translated()]


def main() -> int:
    """Run one of the three acts; `missing` fails when something is."""
    parser = argparse.ArgumentParser(prog="python -m tools.messages", description=__doc__)
    parser.add_argument("act", nargs="?", choices=["all", "update", "missing", "compile"], default="all")
    act = parser.parse_args().act
    if act in {"all", "update"}:
        added, dropped = update(ROOT)
        print(f"{CATALOGUE}: {added} added, {dropped} dropped")
    if act in {"all", "compile"}:
        print("\n".join(path.relative_to(ROOT).as_posix() for path in compile_catalogues(ROOT)))
    if act == "compile":
        return 0
    lacking = missing(ROOT)
    print(f"{len(lacking)} without a translation")
    if act == "missing":
        print("\n".join(lacking))
    return 1 if act == "missing" and lacking else 0


if __name__ == "__main__":
    raise SystemExit(main())
