"""The pictures and clips of a market: each that is named is there, can be read, and is what its record says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import av
import orjson
import pytest
from PIL import Image, ImageChops, ImageStat

from learn.market.build import build
from learn.market.drawing.clips import Captions
from learn.market.drawing.shapes import FOLDER
from learn.market.drawing.studio import contents
from learn.market.drawing.tones import luminance, shades
from learn.market.drawing.views import SIZE, cut_out
from learn.market.drawing.wardrobe import load_wardrobe, motif_of
from learn.market.generate import Sizes, make
from learn.market.text import Record
from learn.market.vocabulary import load_vocabulary

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CUE = re.compile(r"(\d+)\n(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n(.+)\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("market")
    build(made, 7, Sizes(60, 6, 4), NOW, None, False, lambda _part, _done, _total: None)
    return made


def records(folder: Path, name: str) -> list[Record]:
    return [orjson.loads(line) for line in (folder / f"{name}.jsonl").read_bytes().splitlines()]


def image_of(folder: Path, url: str) -> Image.Image:
    assert url.startswith("/media/")
    with Image.open(folder / url.removeprefix("/")) as image:
        image.load()
        assert image.format == "WEBP"
        return image


def test_every_product_has_pictures_of_their_size(folder: Path) -> None:
    urls = {url for product in records(folder, "products") for url in product["images"]}
    assert all(1 <= len(product["images"]) <= 3 for product in records(folder, "products"))
    for url in urls:
        assert image_of(folder, url).size == (SIZE, SIZE)
    sizes = [(folder / url.removeprefix("/")).stat().st_size for url in urls]
    assert sum(sizes) / len(sizes) < 8_000
    assert max(sizes) < 20_000


def test_posters_and_faces_are_of_their_size(folder: Path) -> None:
    for name, field, size in (
        ("videos", "poster", (360, 640)),
        ("lives", "poster", (360, 640)),
        ("sellers", "picture", (192, 192)),
        ("creators", "picture", (192, 192)),
    ):
        for record in records(folder, name):
            assert image_of(folder, record[field]).size == size


def test_clips_play_as_long_as_their_record_says(folder: Path) -> None:
    played = [video for video in records(folder, "videos") if "media" in video]
    assert len(played) == 6
    for video in played:
        file = folder / video["media"].removeprefix("/")
        assert file.stat().st_size < 200_000
        assert file.read_bytes().index(b"moov") < file.read_bytes().index(b"mdat")  # it plays while it loads
        with av.open(str(file)) as clip:
            stream = clip.streams.video[0]
            assert stream.codec_context.name == "h264"
            frames = [frame.to_image().convert("L") for frame in clip.decode(stream)]
            assert len(frames) / stream.average_rate == pytest.approx(video["duration_s"])
            assert frames[0].size == (360, 640)
        moved = ImageStat.Stat(ImageChops.difference(frames[0], frames[-1])).mean[0]
        assert moved > 1


def test_captions_tell_the_transcript_in_its_time(folder: Path) -> None:
    for video in records(folder, "videos"):
        text = (folder / video["captions"].removeprefix("/")).read_text(encoding="utf-8")
        cues = CUE.findall(text)
        assert text.startswith("WEBVTT\n\n")
        assert " ".join(cue[-1] for cue in cues) == video["transcript"]
        spans = [(_seconds(cue[1:4]), _seconds(cue[4:7])) for cue in cues]
        assert spans[0][0] == 0
        assert spans[-1][1] == pytest.approx(video["duration_s"], abs=0.002)
        assert all(start < end for start, end in spans)
        assert all(before[1] == after[0] for before, after in pairwise(spans))


def _seconds(parts: tuple[str, ...]) -> float:
    return int(parts[0]) * 3600 + int(parts[1]) * 60 + float(parts[2])


def test_the_same_subject_has_the_same_bytes() -> None:
    """By name: what is kept in a cache is what would be drawn."""
    made = {subject: None for each in make(7, Sizes(8, 2, 1), NOW) for subject in each.pictures}
    kinds = {type(subject): subject for subject in made}
    assert len(kinds) == 7
    assert all(contents(subject) == contents(subject) for subject in kinds.values())


def test_listings_that_look_alike_share_their_pictures() -> None:
    motifs = [made.pictures[0] for made in make(7, Sizes(2_000, 0, 0), NOW) if made.name == "products"]
    assert len(set(motifs)) < 0.4 * len(motifs)


def test_every_type_of_the_market_can_be_drawn() -> None:
    types = load_vocabulary().types
    drawings = load_wardrobe().types
    assert drawings.keys() == types.keys()
    assert {drawing.shape for drawing in drawings.values()} == {file.stem for file in (FOLDER / "shapes").glob("*.svg")}
    assert {drawing.scene for drawing in drawings.values()} == load_wardrobe().scenes.keys()


def test_every_colour_of_the_market_is_known() -> None:
    known = load_wardrobe().colours
    for name, item in load_vocabulary().types.items():
        for value in item.attributes.get(load_wardrobe().types[name].by, ()):
            assert str(value).lower() in known, f"{name}: {value}"


@pytest.mark.parametrize("name", ["sneakers", "handbag", "over-ear headphones", "smartphone case"])
def test_a_thing_is_seen_in_its_colour(name: str) -> None:
    item = load_vocabulary().types[name]
    seen = {}
    for colour in item.attributes["colour"]:
        drawn = cut_out(motif_of(item, {"colour": colour}, "Nordlys", item.nouns[0]))
        assert drawn.getextrema()[3][1] == 255  # something is there
        seen[str(colour)] = ImageStat.Stat(drawn.convert("RGB"), mask=drawn.getchannel("A")).mean
    assert len({tuple(map(round, mean)) for mean in seen.values()}) == len(seen)
    assert sum(seen["Black"]) == min(sum(mean) for mean in seen.values())


def test_shades_go_from_light_to_dark() -> None:
    for colour in ("#2b2d33", "#c4694a", "#f1f0ec"):
        tones = shades(colour)
        steps = [luminance(tones[name]) for name in ("ch", "cl", "c", "cd", "ck")]
        assert steps == sorted(steps, reverse=True)
        assert len(set(steps)) == 5


def test_a_brand_is_written_as_it_is() -> None:
    """`Salt & Co` is text, not SVG."""
    item = load_vocabulary().types["coffee"]
    plain, marked = (cut_out(motif_of(item, {}, brand, "Espresso Beans")) for brand in ("Salt Co", "<b>Salt & Co</b>"))
    assert plain.tobytes() != marked.tobytes()


def test_a_transcript_without_a_full_stop_is_one_cue() -> None:
    assert len(CUE.findall(Captions("no stop here", 5.0).content().decode())) == 1
