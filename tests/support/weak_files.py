"""A file store as they used to be: the sender's name on the disk, whatever it is by a guessable address, for anybody."""

import mimetypes
from dataclasses import dataclass, field
from pathlib import Path

REFUSED = (".php", ".phtml", ".htaccess")


@dataclass
class WeakFiles:
    """Keeps files below `root`, which a web server would serve."""

    root: Path
    numbered: list[Path] = field(default_factory=list)

    def store(self, name: str, content: bytes) -> Path:
        """Refuse bad names, then clean the name: in that order, which is the mistake."""
        if name.endswith(REFUSED):
            raise PermissionError(name)
        cleaned = "".join(letter for letter in name if letter.isprintable()).rstrip(". ")
        path = self.root / cleaned
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.numbered.append(path)
        return path

    def get(self, url: str) -> tuple[int, str, bytes]:
        """Answer `/files/1/passport.png` with status, type and bytes, whoever asks; only the number counts."""
        number = int(url.split("/")[2])
        if not 0 < number <= len(self.numbered):
            return 404, "", b""
        path = self.numbered[number - 1]
        return 200, mimetypes.guess_type(path.name)[0] or "text/plain", path.read_bytes()
