"""Writes the TypeScript types of the desk's and the visitors' sockets from Python's; `--check` only compares."""

import os
import sys
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "frontend" / "src" / "generated" / "events.ts"
HEAD = "/** Events and frames of both sockets: ids and numbers only. Written by tools/event_types.py; do not edit. */\n"
NAMES = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null"}


def main() -> int:
    """Write the file, or with --check say whether it is up to date."""
    wanted = render()
    if "--check" not in sys.argv:
        TARGET.write_text(wanted, "utf-8")
        return 0
    if TARGET.exists() and TARGET.read_text("utf-8") == wanted:
        return 0
    sys.stderr.write("frontend/src/generated/events.ts differs from the events.py files: run tools/event_types.py.\n")
    return 1


def render() -> str:
    """Return the whole TypeScript file."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings.dev")
    from livechat import events as chat  # noqa: PLC0415 -- the path is set just above
    from tickets import events as desk  # noqa: PLC0415 -- as above

    unions = (
        ("DeskEvent", desk.DeskEvent),
        ("DeskFrame", desk.DeskFrame),
        ("ChatEvent", chat.ChatEvent),
        ("ChatFrame", chat.ChatFrame),
    )
    return HEAD + "".join(union(name, annotated) for name, annotated in unions)


def union(name: str, annotated: Any) -> str:  # noqa: ANN401 -- a typing form has no narrower type
    """Return one exported union of object types."""
    members = get_args(get_args(annotated)[0])
    lines = [f"  | {{ {'; '.join(fields(member))} }}" for member in members]
    return f"export type {name} =\n" + "\n".join(lines) + ";\n"


def fields(model: Any) -> list[str]:  # noqa: ANN401 -- a pydantic class
    """Return `name: type` of each field; one with a default other than its own tag may be left out."""
    found = []
    for name, field in model.model_fields.items():
        optional = "" if field.is_required() or get_origin(field.annotation) is Literal else "?"
        found.append(f"{name}{optional}: {typescript(field.annotation)}")
    return found


def typescript(annotation: Any) -> str:  # noqa: ANN401 -- a typing form has no narrower type
    """Return the TypeScript name of a Python annotation."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in arguments)
    if origin in {Union, UnionType}:
        return " | ".join(typescript(argument) for argument in arguments)
    if origin in {tuple, list}:
        return f"{typescript(arguments[0])}[]"
    return NAMES[annotation]


if __name__ == "__main__":
    raise SystemExit(main())
