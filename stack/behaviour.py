"""What happens, as it is written down: User Behavior Insights 1.3 (https://github.com/o19s/ubi, schema/1.3.0).

A `Query` is one search with its answer, an `Event` one thing that a shopper did or saw; `query_id` joins them. What
our own dashboards need beyond the standard stands where it leaves room: in `query_attributes` and `event_attributes`.
Both are written to indexes behind `<prefix>-ubi_queries` and `<prefix>-ubi_events`.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from stack.errors import ConfigError
from stack.settings import Settings

Log = Literal["ubi_queries", "ubi_events"]
QUERIES: Log = "ubi_queries"
EVENTS: Log = "ubi_events"
APPLICATION = "souk"

Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
ObjectId = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Text = Annotated[str, StringConstraints(max_length=1_024)]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]
Scalar = bool | Whole | float | Text | None
# What the standard leaves open: flat, so that no record can be a thousand levels deep.
Extra = Scalar | Annotated[list[Scalar], Field(max_length=100)]
# A name with dots is a path to the engine: `position.ordinal` would be that very field.
NAMES = r"^[A-Za-z_][A-Za-z0-9_-]{0,99}$"
MOST_EXTRAS = 50
Key = Annotated[str, StringConstraints(pattern=NAMES)]
Milliseconds = Annotated[float, Field(ge=0, le=1e9)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000)]


def _in_utc(time: datetime) -> datetime:
    """A time without a zone is taken as UTC, as the standard's own example has one."""
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


Time = Annotated[datetime, AfterValidator(_in_utc)]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Open(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        allow_inf_nan=False,
        json_schema_extra={"propertyNames": {"pattern": NAMES}},
    )
    __pydantic_extra__: dict[str, Extra] = Field(init=False)

    @model_validator(mode="after")
    def _plain_names(self) -> _Open:
        extra = self.__pydantic_extra__ or {}
        if wrong := [name for name in extra if not re.fullmatch(NAMES, name)]:
            raise ValueError(f"names are letters, digits, _ and -; not {', '.join(map(repr, wrong[:5]))}")
        if len(extra) > MOST_EXTRAS:
            raise ValueError(f"holds {len(extra)} names beyond the standard; at most {MOST_EXTRAS}")
        return self


class Object(_Open):
    """What the event is about: `object_id` is the document's id, `object_id_type` its kind (product, video, live)."""

    model_config = ConfigDict(coerce_numbers_to_str=True)  # the standard has integers as ids too
    object_id: ObjectId
    object_id_type: Name | None = None
    object_id_field: Name | None = None
    internal_id: ObjectId | None = None
    name: Text | None = None


class Point(_Closed):
    """A place on the screen, in pixels."""

    x: Annotated[float, Field(ge=-1e6, le=1e6)]
    y: Annotated[float, Field(ge=-1e6, le=1e6)]


class Position(_Open):
    """Where: `ordinal` is the place in the row, from 1 in what we write; the standard does not say from where."""

    ordinal: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    xy: Point | None = None


class EventAttributes(_Open):
    """`value` is money in `currency` for `quantity` pieces (cart, purchase, refund), `seconds` how long was watched.

    The standard wants a `position`; a product page opened from a bookmark has none, so we do not insist.
    """

    object: Object | None = None
    position: Position | None = None
    value: Annotated[float, Field(ge=0, le=1e9)] | None = None
    currency: Name | None = None
    quantity: Count | None = None
    seconds: Annotated[float, Field(ge=0, le=1e6)] | None = None


class Event(_Closed):
    """One thing that a shopper did or saw. `user_id` may be sent, for the standard has it, and is never kept."""

    action_name: Name
    application: Name | None = None
    query_id: Name | None = None
    session_id: Name | None = None
    client_id: Name | None = None
    user_id: Annotated[str | None, Field(exclude=True, max_length=100)] = None
    timestamp: Time | None = None
    message_type: Name | None = None
    message: Text | None = None
    user_query: Text | None = None
    event_attributes: EventAttributes | None = None


class QueryAttributes(_Open):
    """How it was asked and how it was answered. Times in milliseconds; `total` is the sum of `totals`."""

    entrance: Name | None = None
    mode: Name | None = None
    fusion: Name | None = None
    language: Name | None = None
    types: list[Name] = []
    filters: list[Text] = []
    sort: Name | None = None
    page: Count | None = None
    size: Count | None = None
    total: Count | None = None
    totals: dict[Key, Count] = {}
    has_results: bool | None = None
    corrected: bool | None = None
    relaxed: bool | None = None
    degraded: list[Name] = []
    models: list[Text] = []
    took_ms: Milliseconds | None = None
    stage_ms: dict[Key, Milliseconds] = {}
    hit_types: list[Name] = []


class Query(_Closed):
    """One search. `user_query` is empty where somebody browses; `query_response_hit_ids` are the ids of its page."""

    query_id: Name
    user_query: Annotated[str, StringConstraints(max_length=4_096)] = ""
    application: Name | None = None
    client_id: Name | None = None
    timestamp: Time | None = None
    object_id_field: Name | None = None
    query_response_id: Name | None = None
    query_response_hit_ids: Annotated[list[ObjectId], Field(max_length=1_000)] | None = None
    query_attributes: QueryAttributes | None = None


def index_of(settings: Settings, log: Log) -> str:
    """The alias that a log is written to and read from: `souk-ubi_queries`."""
    return f"{settings.index_prefix}-{log}"


def body_of(record: Query | Event) -> bytes:
    """The record as one line of JSON, without what is empty and without `user_id`."""
    return orjson.dumps(record.model_dump(mode="json", exclude_none=True, exclude_defaults=True))


def id_of(body: bytes) -> str:
    """The `_id` of an event: the same record twice is one document, whether a beacon or an import was repeated."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Positive = Annotated[float, Field(gt=0)]


class WriterRules(_Rules):
    """How records reach the engine."""

    waiting_bytes: Annotated[int, Field(ge=1)]
    every_s: Positive
    batch: Annotated[int, Field(ge=1, le=10_000)]
    timeout_s: Positive
    longest_pause_s: Positive
    close_s: Positive


class IntakeRules(_Rules):
    """What `POST /v1/events` takes."""

    most_events: Annotated[int, Field(ge=1)]
    per_second: Positive
    burst: Annotated[int, Field(ge=1)]
    ahead_s: Positive
    late_s: Positive


class BehaviourRules(_Rules):
    """`mappings/behaviour.yml`."""

    writer: WriterRules
    intake: IntakeRules


def load_behaviour_rules(folder: Path) -> BehaviourRules:
    """The file of a mappings folder. Raises ConfigError that names what is wrong in it."""
    file = folder / "behaviour.yml"
    try:
        content: Any = yaml.safe_load(file.read_text(encoding="utf-8"))
        return BehaviourRules.model_validate(content)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ConfigError(f"{file}: {error}", "Correct the file, or point SOUK_MAPPINGS_DIR elsewhere") from error
