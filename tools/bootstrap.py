"""Builds what a fresh clone lacks: `.venv` from lock files, the front end, compiled messages.

Runs on a plain Python 3.11–3.13 with nothing installed, so it imports the standard library only.
Does nothing, and says nothing, when everything is there. Network settings (registries, proxies,
certificates) are those of the machine: they pass through to pip, uv and npm untouched.
"""

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"
FRONTEND = ROOT / "frontend"
DIST = ROOT / "helpdesk" / "static" / "dist"
REQUIREMENTS = ROOT / "requirements"
STAMP = VENV / "pharos-setup.json"
LOWEST, TOO_NEW = (3, 11), (3, 14)
FREE_BYTES = 1_000_000_000
UNREACHABLE = re.compile(
    r"timed? ?out|connect|resolve|network|unreachable|certificate|ENOTFOUND|EAI_AGAIN|ECONN|No matching distribution"
    r"|Failed to fetch|403|407|502|503|504",
    re.IGNORECASE,
)
BEGAN = time.monotonic()


class SetupError(Exception):
    """Something the person at the keyboard can mend, in one sentence."""


def main() -> int:
    """Set up what the mode needs; 0 when everything is there, 1 after one clear sentence."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--runtime", action="store_true", help="what `make run` needs (the default)")
    mode.add_argument("--dev", action="store_true", help="tests and checks as well")
    arguments = parser.parse_args()
    try:
        use_supported_python()
        with only_one():
            check_var_dir()
            set_up(dev=arguments.dev)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the next run continues here.", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"\nSet-up cannot go on: {error}.", file=sys.stderr)
        return 1
    return 0


def set_up(*, dev: bool) -> None:
    """Bring packages, front end and messages up to date, in this order."""
    settings = ("package.json", "package-lock.json", "vite.config.ts", "compressed.js", "tsconfig.json")
    frontend = sources(FRONTEND, *settings, "src", "public")
    built = digest([*frontend, *sources(ROOT, "templates")])
    stale = frontend and read_text(DIST / ".source") != built
    needs_node = bool(frontend) and (dev or bool(stale))
    packages(dev=dev, own_node=needs_node and not has_system_node())
    if needs_node:
        node_modules()
    if stale:
        build_frontend(built)
    messages()


# ── Python ───────────────────────────────────────────────────────────────────────────────────────


def use_supported_python() -> None:
    """Go on under a supported interpreter from PATH when this one is not; raises SetupError when there is none."""
    if LOWEST <= sys.version_info[:2] < TOO_NEW:
        return
    for minor in range(TOO_NEW[1] - 1, LOWEST[1] - 1, -1):
        if found := shutil.which(f"python3.{minor}"):
            os.execv(found, [found, *sys.argv])  # noqa: S606 -- an interpreter from the person's own PATH
    running = ".".join(map(str, sys.version_info[:2]))
    message = f"Pharos needs Python 3.11, 3.12 or 3.13; python3 is {running} and no other was found on PATH."
    raise SetupError(message)


def packages(*, dev: bool, own_node: bool) -> None:
    """Make `.venv` hold exactly the locked packages; a development environment also serves `make run`."""
    stamp = read_json(STAMP)
    wanted = {
        "runtime": digest([REQUIREMENTS / "runtime.txt"]),
        "dev": digest([REQUIREMENTS / "all.txt"]),
        "node": digest([REQUIREMENTS / "node.txt"]),
    }
    has_python = venv_python_version() is not None
    has_dev = has_python and stamp.get("dev") == wanted["dev"]
    has_runtime = has_dev or (has_python and stamp.get("runtime") == wanted["runtime"])
    has_node = not own_node or (has_python and stamp.get("node") == wanted["node"])
    if has_node and (has_dev if dev else has_runtime):
        return
    check_disk()
    make_venv(fresh=not has_python)
    install_uv()
    # What served development goes on serving it: `make run` never takes the test tools away.
    dev = dev or "dev" in stamp or any(VENV.glob("lib/python*/site-packages/pytest-*.dist-info"))
    files = ["all.txt" if dev else "runtime.txt", *(["node.txt"] if own_node or "node" in stamp else [])]
    say(f"installing Python packages ({', '.join(files)})")
    STAMP.unlink(missing_ok=True)
    run(
        "installing Python packages",
        [str(VENV / "bin" / "uv"), "pip", "sync", "--quiet", "--require-hashes",
         "--python", str(VENV / "bin" / "python"), *(str(REQUIREMENTS / file) for file in files)],
    )  # fmt: skip
    kept = {name: wanted[name] for name in ("dev" if dev else "runtime", *(["node"] if len(files) > 1 else []))}
    write_text(STAMP, json.dumps(kept))


def venv_python_version() -> tuple[int, int] | None:
    """Return the version of the environment's interpreter, None when it is missing, broken or unsupported."""
    settings = read_text(VENV / "pyvenv.cfg")
    found = re.search(r"^version\s*=\s*(\d+)\.(\d+)", settings, re.MULTILINE)
    if found is None or not (VENV / "bin" / "python").exists():
        return None
    version = (int(found[1]), int(found[2]))
    return version if LOWEST <= version < TOO_NEW else None


def make_venv(*, fresh: bool) -> None:
    """Create `.venv` when there is no usable one; raises SetupError when this Python cannot."""
    if not fresh:
        return
    try:
        import ensurepip  # noqa: F401, PLC0415 -- Debian ships it in a package of its own
        import venv  # noqa: F401, PLC0415 -- as above
    except ImportError as error:
        version = ".".join(map(str, sys.version_info[:2]))
        message = f"Python {version} lacks its venv module: install it, on Debian with `apt-get install python3-venv`."
        raise SetupError(message) from error
    say("creating .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    run("creating .venv", [sys.executable, "-m", "venv", str(VENV)])


def install_uv() -> None:
    """Install the pinned uv, which installs everything else ten times faster than pip."""
    pinned = re.search(r"^uv==(\S+)", read_text(REQUIREMENTS / "uv.txt"), re.MULTILINE)
    version = pinned[1] if pinned else ""
    if (VENV / "bin" / "uv").exists() and any(VENV.glob(f"lib/python*/site-packages/uv-{version}.dist-info")):
        return
    say("installing uv")
    run(
        "installing uv",
        [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--require-hashes", "--only-binary", ":all:", "--requirement", str(REQUIREMENTS / "uv.txt")],
    )  # fmt: skip


# ── Front end ────────────────────────────────────────────────────────────────────────────────────


def has_system_node() -> bool:
    """Return whether PATH has npm and a Node that Vite supports (20.19 or newer, 22.12 or newer), outside `.venv`."""
    path = os.pathsep.join(part for part in os.environ.get("PATH", "").split(os.pathsep) if part != str(VENV / "bin"))
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node is None or npm is None:
        return False
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.fullmatch(r"v(\d+)\.(\d+)\.\d+\S*", done.stdout.strip())
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def node_modules() -> None:
    """Install exactly the locked front-end packages when the lock changed."""
    lock = digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    stamp = FRONTEND / "node_modules" / ".pharos-lock"
    if read_text(stamp) == lock:
        return
    check_disk()
    say("installing front-end packages")
    run(
        "installing front-end packages",
        ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
        cwd=FRONTEND,
    )
    write_text(stamp, lock)


def build_frontend(source: str) -> None:
    """Build the front end and remember from which sources."""
    say("building the front end")
    run("building the front end", ["npm", "run", "--silent", "build"], cwd=FRONTEND)
    write_text(DIST / ".source", source)


# ── Messages ─────────────────────────────────────────────────────────────────────────────────────


def messages() -> None:
    """Compile changed message catalogues with Babel: gettext's own tools are not on every machine."""
    for catalogue in sorted(ROOT.glob("locale/*/LC_MESSAGES/*.po")):
        compiled = catalogue.with_suffix(".mo")
        stamp = CACHE / "messages" / f"{catalogue.parts[-3]}-{catalogue.stem}"
        source = digest([catalogue])
        if compiled.exists() and read_text(stamp) == source:
            continue
        say(f"compiling {catalogue.relative_to(ROOT)}")
        run(
            f"compiling {catalogue.relative_to(ROOT)}",
            [str(VENV / "bin" / "python"), "-m", "babel.messages.frontend", "--quiet", "compile",
             "--input-file", str(catalogue), "--output-file", str(compiled),
             "--locale", catalogue.parts[-3]],
        )  # fmt: skip
        write_text(stamp, source)


# ── Ground ───────────────────────────────────────────────────────────────────────────────────────


def say(text: str) -> None:
    """Print one line with the seconds since the start."""
    print(f"[{time.monotonic() - BEGAN:6.1f} s] {text}", flush=True)


def run(what: str, command: Sequence[str], cwd: Path = ROOT) -> None:
    """Run one tool quietly; raises SetupError with the likely cause and its last words when it fails."""
    environment = {
        **os.environ,
        "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
    }
    for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "__PYVENV_LAUNCHER__"):
        environment.pop(name, None)
    done = subprocess.run(
        command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return
    said = "\n".join(f"  {line}" for line in f"{done.stdout}\n{done.stderr}".splitlines()[-15:] if line.strip())
    cause = f"{what[:1].upper()}{what[1:]} failed (exit status {done.returncode})."
    if re.search(r"No space left|ENOSPC", said):
        cause = f"The disk became full while {what}: make room and run this again."
    elif UNREACHABLE.search(said) and any(tool in command[0] for tool in ("uv", "npm")) | ("pip" in command):
        cause = f"The package registry could not be reached while {what}: check the network and its proxy settings."
    message = f"{cause}\n{said}"
    raise SetupError(message)


@contextmanager
def only_one() -> Iterator[None]:
    """Let one set-up work at a time; a second one waits and then finds everything done."""
    try:
        CACHE.mkdir(exist_ok=True)
        lock = (CACHE / "bootstrap.lock").open("w")
    except OSError as error:
        message = f"{ROOT} cannot be written ({error.strerror}): clone to a folder of yours."
        raise SetupError(message) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another set-up of this clone")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_var_dir() -> None:
    """Raise SetupError when the folder for data cannot be written."""
    folder = Path(os.environ.get("VAR_DIR") or ROOT / "var").expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"VAR_DIR={folder} cannot be created ({error.strerror}): set VAR_DIR to a folder of yours."
        raise SetupError(message) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        message = f"VAR_DIR={folder} cannot be written: set VAR_DIR to a folder of yours."
        raise SetupError(message)


def check_disk() -> None:
    """Raise SetupError unless there is room for the packages."""
    free = shutil.disk_usage(ROOT).free
    if free < FREE_BYTES:
        message = f"The disk under {ROOT} has {free // 1_000_000} MB free and set-up needs 1000 MB: make room."
        raise SetupError(message)


def sources(folder: Path, *names: str) -> list[Path]:
    """Return the files called `names` in `folder`, and every file below those that are folders, in order."""
    found: list[Path] = []
    for name in names:
        path = folder / name
        found += sorted(part for part in path.rglob("*") if part.is_file()) if path.is_dir() else [path]
    return [path for path in found if path.is_file()]


def digest(files: Iterable[Path]) -> str:
    """Return a hash over names and contents."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(ROOT)}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def read_text(path: Path) -> str:
    """Return the content, empty when there is no such file."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def read_json(path: Path) -> dict[str, str]:
    """Return the JSON object in `path`, empty when there is none."""
    return dict(json.loads(read_text(path) or "{}"))


def write_text(path: Path, content: str) -> None:
    """Write in one step, so that an interrupted set-up never looks finished."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.write_text(content, encoding="utf-8")
    unfinished.replace(path)


if __name__ == "__main__":
    sys.exit(main())
