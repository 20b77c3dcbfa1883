"""Our own CSS and icons: addresses carry a hash of the content, so browsers may keep them for good."""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_GOOD = "public, max-age=31536000, immutable"


class StaticFolder(StaticFiles):
    """Files kept for good by those who asked with a version, and checked each time by others."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = FOR_GOOD if scope["query_string"].startswith(b"v=") else "no-cache"
        return response


def versions(folder: Path) -> dict[str, str]:
    """Each file's name → its address with its version: `souk.css` → `/static/souk.css?v=1f2e3d4c`."""
    return {
        file.name: f"/static/{file.name}?v={hashlib.blake2b(file.read_bytes(), digest_size=4).hexdigest()}"
        for file in folder.iterdir()
        if file.is_file()
    }
