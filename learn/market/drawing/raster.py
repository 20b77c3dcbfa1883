"""SVG → pixels → WebP."""

from __future__ import annotations

import io

import resvg_py
from PIL import Image

from learn.market.drawing import fonts

QUALITY = 80
EFFORT = 2  # of WebP's 0 to 6: the next step takes twice as long for 4% less


def pixels(svg: str) -> Image.Image:
    """An RGBA image of an SVG document's own size."""
    text = "<text" in svg
    files = list(fonts.files()) if text else None  # reading them takes a millisecond
    png = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=files)
    return Image.open(io.BytesIO(png)).convert("RGBA")


def webp(image: Image.Image) -> bytes:
    """The image, without transparency, as the bytes of a WebP file."""
    file = io.BytesIO()
    image.convert("RGB").save(file, "WEBP", quality=QUALITY, method=EFFORT)
    return file.getvalue()
