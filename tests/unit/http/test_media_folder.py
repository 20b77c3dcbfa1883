"""Files under /media: plain ones, with their types, in parts, kept for good."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fake_core import FakeCore

from api.http.app import create_app
from stack.errors import ConfigError
from stack.settings import Settings, load_settings

CLIP = bytes(range(256)) * 8


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    folder = tmp_path / "media"
    (folder / "posters").mkdir(parents=True)
    (tmp_path / "secret.webp").write_bytes(b"secret")
    (folder / "link.webp").symlink_to(tmp_path / "secret.webp")
    for name in ("p-1.webp", "v-1.mp4", "v-1.vtt", "posters/v-1.webp", "page.html", "drawing.svg", ".hidden.webp"):
        (folder / name).write_bytes(CLIP)
    app = create_app(FakeCore().open, Settings(media_dir=folder))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://souk.test") as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("p-1.webp", "image/webp"),
        ("posters/v-1.webp", "image/webp"),
        ("v-1.mp4", "video/mp4"),
        ("v-1.vtt", "text/vtt; charset=utf-8"),
    ],
)
async def test_files_have_their_types_and_are_kept_for_good(
    http: httpx.AsyncClient, name: str, media_type: str
) -> None:
    answer = await http.get(f"/media/{name}")
    assert answer.content == CLIP
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = await http.get(f"/media/{name}", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_a_clip_can_be_had_in_parts(http: httpx.AsyncClient) -> None:
    part = await http.get("/media/v-1.mp4", headers={"range": "bytes=100-199", "accept-encoding": "gzip"})
    assert (part.status_code, part.content) == (206, CLIP[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(CLIP)}"
    assert "content-encoding" not in part.headers
    assert (await http.get("/media/v-1.mp4", headers={"range": "bytes=9999-"})).status_code == 416


@pytest.mark.parametrize(
    "path",
    [
        "", "posters", "posters/", "none.webp", "page.html", "drawing.svg", ".hidden.webp", "link.webp",
        "../secret.webp", "%2e%2e/secret.webp", "..%2fsecret.webp", "/etc/passwd", "p-1.webp/x.webp",
        "p-1.webp%00.webp", "a" * 300 + ".webp",
    ],
)  # fmt: skip
async def test_nothing_else_is_served(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(f"/media/{path}")
    assert answer.status_code == 404
    assert b"secret" not in answer.content.replace(b"secret.webp", b"")


async def test_without_a_folder_there_are_no_files(tmp_path: Path) -> None:
    app = create_app(FakeCore().open, Settings(media_dir=tmp_path / "none"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://souk.test") as client:
        assert (await client.get("/media/p-1.webp")).status_code == 404


@pytest.mark.parametrize(
    "host", ["https://img.example.com", "img.example.com; script-src *", "a b", "img.example.com:80"]
)
def test_a_host_of_pictures_is_a_name_alone(host: str) -> None:
    with pytest.raises(ConfigError, match="image_hosts"):
        load_settings(image_hosts=(host,))
    assert load_settings(image_hosts="IMG.example.com, cdn.example.com").image_hosts == (
        "img.example.com", "cdn.example.com",
    )  # fmt: skip
