"""Where production keeps static files: each under a name with a hash of its content, compressed."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

BUILT = "dist/assets/"


class Storage(CompressedManifestStaticFilesStorage):
    """Leaves the names that Vite has given: scripts import each other by them, and would be loaded twice."""

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:  # noqa: ANN401 -- Django's own shape
        """Return the name to serve it under."""
        if name.startswith(BUILT):
            return name
        return str(super().hashed_name(name, content, filename))
