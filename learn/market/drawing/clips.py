"""Short clips, H.264 in MP4: a slow move over the pictures of what is shown, 360 × 640 pixels; and their captions."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import av
from PIL import Image

from learn.market.drawing import fonts
from learn.market.drawing.people import colour_of
from learn.market.drawing.raster import pixels
from learn.market.drawing.shapes import draw
from learn.market.drawing.views import cut_out, front_backdrop, scene
from learn.market.drawing.wardrobe import URL, Motif, digest

WIDTH, HEIGHT = 360, 640
SHOTS = 4  # at most
RATE = 12  # frames a second: enough for a slow move, half the bytes of 24
CODING = {"crf": "30", "preset": "superfast", "threads": "1"}  # one thread: the same bytes on each run
SENTENCE = re.compile(r"[^.!?]+[.!?]+[\"')]*|[^.!?]+$")


@dataclass(frozen=True)
class Clip:
    """`seconds` is a whole number of frames; `text` is written over the picture all the time."""

    things: tuple[Motif, ...]
    text: str
    creator_id: str
    seconds: float

    @property
    def files(self) -> tuple[str, ...]:
        return (f"clip-{digest(self)}.mp4",)

    @property
    def url(self) -> str:
        return URL + self.files[0]

    def content(self) -> bytes:
        """The file: its index first, so that it plays while it loads; for that the muxer needs a file by name."""
        with tempfile.TemporaryDirectory(prefix="souk-clip-") as folder:
            file = Path(folder) / "clip.mp4"
            with av.open(str(file), "w", options={"movflags": "+faststart"}) as container:
                stream = container.add_stream("libx264", rate=RATE, options=CODING)
                stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
                for image in self._frames():
                    container.mux(stream.encode(av.VideoFrame.from_image(image)))  # type: ignore[no-untyped-call]
                container.mux(stream.encode(None))
            return file.read_bytes()

    def _frames(self) -> Iterator[Image.Image]:
        count = round(self.seconds * RATE)
        shots = [shot for motif in self.things for shot in (partial(_near, motif), partial(_around, motif))][:SHOTS]
        banner = _banner(self.text, colour_of(self.creator_id))
        for number in range(count):
            place = number * len(shots) / count
            frame = shots[int(place)](place % 1)
            frame.paste(banner, (0, 0), banner)
            yield frame


@dataclass(frozen=True)
class Captions:
    """What is said in a clip, as WebVTT."""

    transcript: str
    seconds: float

    @property
    def files(self) -> tuple[str, ...]:
        return (f"captions-{digest(self)}.vtt",)

    @property
    def url(self) -> str:
        return URL + self.files[0]

    def content(self) -> bytes:
        """A cue for each sentence, as long as its share of the words."""
        sentences = [found[0].strip() for found in SENTENCE.finditer(self.transcript)]
        words = [len(sentence.split()) for sentence in sentences]
        ends = [self.seconds * sum(words[: place + 1]) / sum(words) for place in range(len(words))]
        cues = [
            f"{number}\n{_clock(start)} --> {_clock(end)}\n{sentence}\n"
            for number, (start, end, sentence) in enumerate(zip([0.0, *ends], ends, sentences, strict=False), 1)
        ]
        return ("WEBVTT\n\n" + "\n".join(cues)).encode()


def _near(motif: Motif, passed: float) -> Image.Image:
    """The thing on its backdrop, coming nearer; `passed` is the part of the shot that is over."""
    return _part(_tall(motif), 1 - 0.14 * passed, 0.5)


def _around(motif: Motif, passed: float) -> Image.Image:
    """A tall part of the scene, moving sideways."""
    return _part(_wide(motif), 0.86, 0.3 + 0.4 * passed)


def _part(picture: Image.Image, scale: float, across: float) -> Image.Image:
    """The tall part of a picture that has this share of its height, and so much of what is left over at its left."""
    high = picture.height * scale
    wide = high * WIDTH / HEIGHT
    left, top = (picture.width - wide) * across, (picture.height - high) * 0.6
    box = (left, top, left + wide, top + high)
    return picture.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR, box=box)


@lru_cache(maxsize=4)
def _tall(motif: Motif) -> Image.Image:
    made = front_backdrop(motif).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    thing = cut_out(motif).resize((WIDTH, WIDTH), Image.Resampling.LANCZOS)
    made.alpha_composite(thing, (0, 352 - WIDTH // 2))
    return made.convert("RGB")


@lru_cache(maxsize=4)
def _wide(motif: Motif) -> Image.Image:
    return scene(motif, cut_out(motif)).convert("RGB")


def _banner(text: str, colour: str) -> Image.Image:
    return pixels(draw("banner", colour=colour, lines=fonts.wrap(text, 300 / 20, 2)))


def _clock(seconds: float) -> str:
    """`75.5` → `00:01:15.500`."""
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
