"""A disk of a few megabytes that can be filled: a tmpfs in a namespace of its own, no root needed."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SCRIPT = 'mount -t tmpfs -o size="$1",mode=0700 tmpfs /mnt && echo ready && exec sleep infinity'


class SmallDisk:
    """One tmpfs; `root` leads into the namespace through the process that keeps it."""

    def __init__(self, megabytes: int) -> None:
        """Mount it; fails where the machine allows no namespace."""
        self.holder = subprocess.Popen(
            ["unshare", "-Urm", "sh", "-c", SCRIPT, "sh", f"{megabytes}m"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self.holder.stdout is not None
        if self.holder.stdout.readline() != "ready\n":
            self.close()
            pytest.fail(
                "This machine allows no user namespace to mount a small disk in. Run the tests as root, or allow it: "
                "sysctl kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0, as far as "
                "your kernel knows them.",
                pytrace=False,
            )
        self.root = Path("/proc", str(self.holder.pid), "root", "mnt")
        self.ballast = self.root / "ballast"

    def fill(self, *, leave: int = 0) -> None:
        """Leave only so many bytes free."""
        with self.ballast.open("ab") as file, contextlib.suppress(OSError):
            while (free := self.free()) > leave:
                file.write(b"\0" * min(free - leave, 1 << 20))
                file.flush()

    def free(self) -> int:
        """Return the bytes that are left."""
        found = os.statvfs(self.root)
        return found.f_bavail * found.f_frsize

    def make_room(self) -> None:
        """Take the ballast away."""
        self.ballast.unlink(missing_ok=True)

    def files(self) -> set[str]:
        """Return what lies on it beside the ballast, by path."""
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if path.is_file()} - {"ballast"}

    @property
    def inside(self) -> tuple[str, ...]:
        """Return the prefix under which a command sees the disk and what is bound in its namespace."""
        return ("nsenter", f"--target={self.holder.pid}", "--user", "--mount", "--preserve-credentials", "--")

    def bind(self, name: str, folder: Path) -> None:
        """Let its folder `name` lie over `folder`, for commands run `inside`."""
        subprocess.run([*self.inside, "mount", "--bind", f"/mnt/{name}", str(folder)], check=True)

    def close(self) -> None:
        """Let it go with everything on it."""
        self.holder.kill()
        self.holder.wait()
        if self.holder.stdout is not None:
            self.holder.stdout.close()


@contextmanager
def small_disk(megabytes: int = 64) -> Iterator[SmallDisk]:
    """Have one until the block ends."""
    disk = SmallDisk(megabytes)
    try:
        yield disk
    finally:
        disk.close()


@contextmanager
def in_place_of(folder: Path, disk: SmallDisk, name: str) -> Iterator[None]:
    """Let `folder` of a running system be a folder of `disk` until the block ends; what it wrote is kept."""
    (disk.root / name).mkdir()
    aside = folder.with_name(f"{folder.name}.aside")
    folder.mkdir(parents=True, exist_ok=True)
    folder.rename(aside)
    folder.symlink_to(disk.root / name)
    try:
        yield
    finally:
        try:
            shutil.copytree(disk.root / name, aside, dirs_exist_ok=True)
        finally:
            folder.unlink()
            aside.rename(folder)
