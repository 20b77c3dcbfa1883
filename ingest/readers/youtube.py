"""Trending YouTube videos as published on Kaggle (datasnaek/youtube and youtube-new), CSV in either column set.

One row is one video on one trending day, so a video repeats with growing counts: the trending day is the version, and
the last day wins whatever the order of the rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from io import BufferedReader
from typing import Any

from ingest.readers import csv as delimited
from ingest.record import Record

COLUMNS = frozenset({"video_id", "channel_title", "category_id"})  # what tells this format
VIDEO_ID = re.compile(r"[\w-]{11}", re.ASCII)
NO_TAGS = "[none]"
OLD_FORMAT_YEAR = 2017  # the older set writes day.month only, and was collected in September and October 2017


@cache
def categories() -> dict[str, str]:
    """The 32 category numbers of YouTube and their names."""
    with files("ingest.readers").joinpath("youtube_categories.csv").open(encoding="utf-8") as lines:
        return {row["category_id"]: row["title"] for row in csv.DictReader(lines)}


def read(stream: BufferedReader, skip: int = 0) -> Iterator[Record]:
    """Yield the rows after the first `skip`, with the fields of a video."""
    for record in delimited.read(stream, skip):
        yield record if record.data is None else _video_record(record, record.data)


def _video_record(record: Record, row: dict[str, Any]) -> Record:
    problems = []
    if not VIDEO_ID.fullmatch(row.get("video_id", "")):
        problems.append("video_id is not a YouTube id of 11 characters")
    day = trending_day(row)
    if day is None:
        problems.append("the trending day cannot be read")
    if problems:
        return replace(record, data=None, problem="; ".join(problems), raw=",".join(row.values()))
    return replace(record, data=to_video(row) | {"updated_at": day})


def trending_day(row: dict[str, Any]) -> datetime | None:
    """`17.14.11` (year.day.month) in the newer column set, `28.09` (day.month) in the older; None when neither.

    The older set went through a spreadsheet that took `10.10` for the number 10.1: month `1` is October there.
    """
    parts = (row.get("trending_date") or row.get("date") or "").strip().split(".")
    if not all(part.isdecimal() for part in parts) or len(parts) not in (2, 3):
        return None
    day, month = parts[-2:]
    try:
        year = OLD_FORMAT_YEAR if len(parts) == 2 else 2000 + int(parts[0])
        return datetime(year, 10 if month == "1" else int(month), int(day), tzinfo=UTC)
    except (ValueError, OverflowError):  # the latter, and int() itself, for numbers of many digits
        return None


def to_video(row: dict[str, Any]) -> dict[str, Any]:
    """One row with the names of a video's fields, without its version."""
    used = {
        "id": row["video_id"],
        "title": row.get("title"),
        "description": row.get("description", "").replace("\\n", "\n").replace("\\r", ""),
        "creator_name": row.get("channel_title"),
        "category": _category(row.get("category_id", "")),
        "hashtags": _hashtags(row.get("tags", "")),
        "views": row.get("views"),
        "likes": row.get("likes"),
        "comments": row.get("comment_count", row.get("comment_total")),
        "poster": row.get("thumbnail_link"),
        "published_at": row.get("publish_time"),
    }
    return {name: value for name, value in used.items() if value not in (None, "", [])}


def _category(number: str) -> list[str]:
    name = categories().get(number.strip())
    return [name] if name else []


def _hashtags(tags: str) -> list[str]:
    names = (tag.strip().strip('"').strip() for tag in tags.split("|"))
    return [name for name in dict.fromkeys(names) if name and name != NO_TAGS]
