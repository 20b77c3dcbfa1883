"""What is served as files: our own CSS, scripts and icons under /static, the market's pictures and clips under /media.

Addresses of /static carry a hash of the content; files under /media are never changed, only replaced by others. So
browsers may keep both for good.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_GOOD = "public, max-age=31536000, immutable"
# Nothing that a browser would run: an SVG opened by its address is a page with scripts.
MEDIA_TYPES = {
    ".avif": "image/avif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".vtt": "text/vtt; charset=utf-8",
    ".webm": "video/webm",
    ".webp": "image/webp",
}


class StaticFolder(StaticFiles):
    """Files kept for good by those who asked for the version that there is, and checked each time by others.

    While one release takes the place of another, a page of the new one may ask a process of the old one: what that has
    must not be kept for a year under the new address.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._versions = versions(folder)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        asked = f"/static/{path}?{scope['query_string'].decode('latin-1')}"
        response.headers["Cache-Control"] = FOR_GOOD if self._versions.get(path) == asked else "no-cache"
        return response


class MediaFolder(StaticFiles):
    """Pictures, clips and captions, with ranges so that a clip can be sought in. The folder may be made later."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)

    async def check_config(self) -> None:
        """Nothing: without a folder every file is simply not there."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        media_type = MEDIA_TYPES.get(Path(path).suffix.lower())
        if media_type is None or any(part.startswith(".") for part in Path(path).parts):
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = FOR_GOOD
        if response.status_code == 200:
            response.headers["Content-Type"] = media_type
        return response


def versions(folder: Path) -> dict[str, str]:
    """Each file's name → its address with its version: `souk.css` → `/static/souk.css?v=1f2e3d4c`."""
    return {
        file.name: f"/static/{file.name}?v={hashlib.blake2b(file.read_bytes(), digest_size=4).hexdigest()}"
        for file in folder.iterdir()
        if file.is_file()
    }
