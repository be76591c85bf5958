"""A setting nobody reads never takes effect: each is Django's, a library's or read by our code, and none is missing."""

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from celery.app.defaults import NAMESPACES, flatten
from django.conf import global_settings

from tools.checks.tree import FLOORS, Finding, Source, Tree

LIBRARIES = {
    "ASGI_APPLICATION", "CHANNEL_LAYERS", "CONTENT_SECURITY_POLICY", "CONTENT_SECURITY_POLICY_REPORT_ONLY",
    "DJANGO_VITE", "REST_FRAMEWORK", "SPECTACULAR_SETTINGS", "WHITENOISE_USE_FINDERS", "WHITENOISE_AUTOREFRESH",
    "WHITENOISE_MAX_AGE", "WHITENOISE_KEEP_ONLY_HASHED_FILES", "WHITENOISE_IMMUTABLE_FILE_TEST",
    "WHITENOISE_ADD_HEADERS_FUNCTION", "WHITENOISE_ROOT", "PGTRIGGER_MIGRATIONS", "PGTRIGGER_INSTALL_ON_MIGRATE",
    "PGTRIGGER_SCHEMA_EDITOR", "ROOT_URLCONF",
}  # fmt: skip
UPPER = re.compile(r"^[A-Z][A-Z0-9_]+$")


def check(tree: Tree) -> Iterator[Finding]:
    """Find settings that nobody reads, unknown keys of library settings, and settings read but never set."""
    modules = [s for s in tree.python(top=["helpdesk"]) if s.parts[:2] == ("helpdesk", "settings")]
    environments = [s for s in modules if s.parts[-1] in {"base", "dev", "test", "production"}]
    if not environments:
        return
    read = _read(tree)
    known = _known() | {name for name, _, _ in read} | _used_inside(modules)
    assigned: set[str] = set()
    subsettings = _subsettings()
    for source in environments:
        for name, node in _assigned(source):
            assigned.add(name)
            if name not in known:
                yield source.finding(
                    node, f"{name} is read by nobody: a misspelt or misplaced setting never takes effect"
                )
            yield from _unknown_keys(source, subsettings.get(name, set()), name, node)
    everywhere = assigned | _known()
    for name, source, place in read:
        if name not in everywhere:
            yield source.finding(place, f"settings.{name} is set in no environment")


def _known() -> set[str]:
    celery = {f"CELERY_{name.upper()}" for name, _ in flatten(NAMESPACES)}
    return (
        {name for name in dir(global_settings) if name.isupper()}
        | LIBRARIES
        | celery
        | _names_in("axes", "conf.py", r"\bAXES_[A-Z_]+")
    )


def _names_in(package: str, module: str, pattern: str) -> set[str]:
    """Names found in a library's source: importing it here would need configured settings."""
    spec = find_spec(package)
    if spec is None or not spec.origin:
        return set()
    text = (Path(spec.origin).parent / module).read_text(encoding="utf-8")
    return set(re.findall(pattern, text, re.MULTILINE))


def _subsettings() -> dict[str, set[str]]:
    return {
        "REST_FRAMEWORK": _names_in("rest_framework", "settings.py", r"^    '([A-Z_]+)':"),
        "SPECTACULAR_SETTINGS": _names_in("drf_spectacular", "settings.py", r"^    '([A-Z_]+)':"),
    }


def _assigned(source: Source) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.walk(source.module):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            if isinstance(target, ast.Name) and UPPER.match(target.id) and isinstance(node, ast.stmt):
                yield target.id, node


def _used_inside(modules: list[Source]) -> set[str]:
    """Names that a settings module itself reads to build others (BASE_DIR, PORT)."""
    return {
        node.id
        for source in modules
        for node in ast.walk(source.module)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and UPPER.match(node.id)
    }


def _read(tree: Tree) -> list[tuple[str, Source, ast.expr]]:
    """Every `settings.NAME`, `getattr(settings, "NAME")` and `Vendor("NAME", …)` of the product."""
    found: list[tuple[str, Source, ast.expr]] = []
    for source in tree.python(top=FLOORS):
        if source.parts[:2] == ("helpdesk", "settings"):
            continue
        for node in ast.walk(source.module):
            if isinstance(node, ast.Attribute) and _is_settings(node.value) and UPPER.match(node.attr):
                found.append((node.attr, source, node))
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Vendor" and node.args:
                name = node.args[0]
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    found.append((name.value, source, node))
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "getattr" and len(node.args) > 1:
                name = node.args[1]
                if _is_settings(node.args[0]) and isinstance(name, ast.Constant) and isinstance(name.value, str):
                    found.append((name.value, source, node))
    return found


def _is_settings(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "settings"


def _unknown_keys(source: Source, known: set[str], name: str, node: ast.stmt) -> Iterator[Finding]:
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    if known and isinstance(value, ast.Dict):
        for key in value.keys:
            if isinstance(key, ast.Constant) and key.value not in known:
                yield source.finding(key, f"{name}[{key.value!r}] is unknown to that library")
