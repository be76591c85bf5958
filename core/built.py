"""Scripts of the front end that are served at an address of ours, whatever name the build has given them."""

import json
from functools import cache
from pathlib import Path

from django.conf import settings


@cache
def script(entry: str) -> bytes:
    """Return the built file of an entry (`src/….ts`): small, and without imports, so that it runs anywhere."""
    manifest = Path(str(settings.DJANGO_VITE["default"]["manifest_path"]))
    name = str(json.loads(manifest.read_text("utf-8"))[entry]["file"])
    return (manifest.parent / name).read_bytes()
