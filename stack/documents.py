"""The three kinds of document, as the index holds them. Normalised, typed, frozen.

Readers make raw records, `ingest/normalise` makes these, `index_body` adds the fields that only the index needs.
A missing value is `None` or empty and is left out of the stored document: absent never means zero.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Kind = Literal["product", "video", "live"]
KINDS: tuple[Kind, ...] = ("product", "video", "live")
# Who sells and who makes: documents with a page of their own, which a search does not mix into its row.
ProfileKind = Literal["seller", "creator"]
PROFILE_KINDS: tuple[ProfileKind, ...] = ("seller", "creator")
DocumentKind = Kind | ProfileKind
DOCUMENT_KINDS: tuple[DocumentKind, ...] = (*KINDS, *PROFILE_KINDS)

Id = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\s\x00-\x1f/\\]+$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Text = Annotated[str, StringConstraints(max_length=200_000)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Url = Annotated[str, StringConstraints(max_length=2_048, pattern=r"^(https?://|/)\S+$")]
Count = Annotated[int, Field(ge=0)]
Money = Annotated[float, Field(ge=0, le=1e9)]
AttributeValue = Annotated[bool, Field(strict=True)] | float | Label | tuple[Label, ...]


class Document(BaseModel):
    """What every kind has. `updated_at` is the version: an older document never replaces a newer one."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    kind: ClassVar[DocumentKind]
    TELLING: ClassVar[tuple[str, ...]]

    id: Id
    title: Title
    description: Text | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = None
    category: tuple[Label, ...] = Field((), max_length=8, description="path from the root, outermost first")
    updated_at: AwareDatetime

    def popularity(self) -> float | None:
        """How well known the item is, from 0 to 1, comparable within a kind. None when nothing is known."""
        raise NotImplementedError

    def completeness(self) -> float:
        """The share of the fields that help a shopper decide (`TELLING`) which are filled, 0 to 1."""
        filled = sum(getattr(self, name) not in (None, (), {}, "") for name in self.TELLING)
        return round(filled / len(self.TELLING), 6)


class Product(Document):
    """Something to buy. Listings with one `group_id` are variants of one model: other colours, sizes, amounts."""

    kind: ClassVar[Kind] = "product"
    TELLING: ClassVar[tuple[str, ...]] = (
        "description", "category", "brand", "model", "gtin", "attributes", "price", "images", "rating",
    )  # fmt: skip

    brand: Label | None = None
    model: Label | None = Field(None, description="the maker's model number, like dv7-1211ea")
    gtin: tuple[Label, ...] = ()
    group_id: Id | None = None
    attributes: dict[Label, AttributeValue] = {}
    price: Money | None = Field(None, description="in units of the currency, like 109.95")
    list_price: Money | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = Field(None, description="ISO 4217")
    stock: Count | None = Field(None, description="pieces at hand; None when the source does not say")
    images: tuple[Url, ...] = ()
    seller_id: Id | None = None
    seller_name: Label | None = None
    rating: Annotated[float, Field(ge=0, le=5)] | None = None
    rating_count: Count | None = None
    sales: Count | None = None
    returns: Count | None = None
    created_at: AwareDatetime | None = None

    def popularity(self) -> float | None:
        return _log_share(self.sales, 1e5) if self.sales is not None else _log_share(self.rating_count, 1e4)


class ProductLink(BaseModel):
    """A product seen in a video, from one second to another, and how sure that is (0 to 1)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    from_s: Annotated[float, Field(ge=0)] | None = None
    to_s: Annotated[float, Field(ge=0)] | None = None


class Video(Document):
    """A short video."""

    kind: ClassVar[Kind] = "video"
    TELLING: ClassVar[tuple[str, ...]] = (
        "description", "category", "hashtags", "creator_name", "duration_s", "transcript", "poster", "products",
    )  # fmt: skip

    hashtags: tuple[Label, ...] = ()
    creator_id: Id | None = None
    creator_name: Label | None = None
    duration_s: Annotated[float, Field(ge=0)] | None = None
    transcript: Text | None = None
    on_screen_text: Text | None = None
    visual_tags: tuple[Label, ...] = ()
    poster: Url | None = None
    media: Url | None = Field(None, description="the playable file, like an MP4")
    captions: Url | None = Field(None, description="a WebVTT file")
    products: tuple[ProductLink, ...] = ()
    views: Count | None = None
    likes: Count | None = None
    comments: Count | None = None
    published_at: AwareDatetime | None = None

    def popularity(self) -> float | None:
        return _log_share(self.views, 1e8)


class Live(Document):
    """A live room. Treated as ended when its heartbeat is too old, whatever `status` says."""

    kind: ClassVar[Kind] = "live"
    TELLING: ClassVar[tuple[str, ...]] = ("description", "category", "host_name", "products", "poster", "followers")

    status: Literal["scheduled", "live", "ended", "replay"] = "ended"
    host_id: Id | None = None
    host_name: Label | None = None
    products: tuple[Id, ...] = Field((), description="ids of the products in the bag")
    product_now: Id | None = None
    viewers: Count | None = None
    followers: Count | None = None
    poster: Url | None = None
    heartbeat_at: AwareDatetime | None = None
    scheduled_at: AwareDatetime | None = None
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None

    def popularity(self) -> float | None:
        return _log_share(self.viewers, 1e6) if self.viewers is not None else _log_share(self.followers, 1e8)


class Seller(Document):
    """Who sells products. `title` is the shop's name. What buyers say of it, not what is true of it."""

    kind: ClassVar[DocumentKind] = "seller"
    TELLING: ClassVar[tuple[str, ...]] = ("description", "country", "joined_at", "rating", "picture")

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(None, description="ISO 3166")
    joined_at: AwareDatetime | None = None
    rating: Annotated[float, Field(ge=0, le=5)] | None = None
    rating_count: Count | None = None
    followers: Count | None = None
    sales: Count | None = None
    returns: Count | None = None
    picture: Url | None = None

    def popularity(self) -> float | None:
        return _log_share(self.sales, 1e6)


class Creator(Document):
    """Who makes videos or hosts lives. `title` is the name."""

    kind: ClassVar[DocumentKind] = "creator"
    TELLING: ClassVar[tuple[str, ...]] = ("description", "joined_at", "followers", "picture")

    joined_at: AwareDatetime | None = None
    followers: Count | None = None
    picture: Url | None = None

    def popularity(self) -> float | None:
        return _log_share(self.followers, 1e8)


AnyDocument = Product | Video | Live | Seller | Creator
DOCUMENT_TYPES: dict[DocumentKind, type[AnyDocument]] = {
    "product": Product,
    "video": Video,
    "live": Live,
    "seller": Seller,
    "creator": Creator,
}


def version_of(document: Document) -> int:
    """The external version of a document: `updated_at` in milliseconds since 1970."""
    return max(1, int(document.updated_at.timestamp() * 1000))


def index_body(document: Document) -> dict[str, Any]:
    """The stored document without its vector: its own fields plus the ones derived for the index.

    `attributes` becomes `attribute_values`, a list of `name=value`, for filters and facets over any attribute without a
    mapping entry each; `category_path` holds each prefix of the path; `model_keys` are model numbers and
    GTINs without punctuation.
    """
    dump = document.model_dump(mode="json", exclude_none=True)
    body = {name: value for name, value in dump.items() if value not in ([], {}, "")}
    body["kind"] = document.kind
    body["content_hash"] = _hash(dump)
    body["completeness"] = document.completeness()
    body["title_words"] = min(len(document.title.split()), 1_000)
    if document.category:
        body["category_path"] = category_prefixes(document.category)
    if (popularity := document.popularity()) is not None:
        body["popularity"] = popularity
    if isinstance(document, Product):
        body |= _product_fields(document)
    return body


def _hash(dump: dict[str, Any]) -> str:
    """32 hex digits over everything but `updated_at`: equal when nothing that is stored has changed."""
    content = {name: value for name, value in dump.items() if name != "updated_at"}
    encoded = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.blake2b(encoded, digest_size=16).hexdigest()


def _product_fields(product: Product) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if product.attributes:
        fields["attribute_values"] = attribute_values(product.attributes)
        fields["attribute_text"] = attribute_text(product.attributes)
    if keys := model_keys(product):
        fields["model_keys"] = keys
    if product.stock is not None:
        fields["in_stock"] = product.stock > 0
    return fields


CATEGORY_SEPARATOR = " > "


def category_prefixes(path: tuple[str, ...]) -> list[str]:
    """`("Audio", "Headphones")` → `["Audio", "Audio > Headphones"]`: one entry a level, for hierarchy facets."""
    return [CATEGORY_SEPARATOR.join(path[: depth + 1]) for depth in range(len(path))]


def attribute_values(attributes: dict[str, Any]) -> list[str]:
    """`{"colour": ("Red", "Blue"), "weight kg": 1.0}` → `["colour=Red", "colour=Blue", "weight kg=1"]`."""
    return [f"{name}={value}" for name, values in attributes.items() for value in _texts(values)]


def attribute_text(attributes: dict[str, Any]) -> str:
    """The attributes as one text to search: values with their names; a flag that is false says nothing."""
    words = [
        name if values is True else f"{name} {', '.join(_texts(values))}"
        for name, values in attributes.items()
        if values is not False
    ]
    return "; ".join(words)


def _texts(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, float):
        return [f"{value:.12g}"]
    return [value] if isinstance(value, str) else list(value)


def model_key(text: str) -> str:
    """A model number without case and punctuation: `dv7-1211ea`, `DV7 1211EA` → `dv71211ea`."""
    return re.sub(r"[\W_]+", "", text).casefold()


MEASURE = re.compile(
    r"\d+([.,]\d+)?-?(gb|tb|mb|kb|[gmk]?hz|m?ah|k?wh?|v|[cmk]?m|in|inch|k?g|mg|lbs?|oz|[mc]?l|mp|dpi|rpm|fps|pcs?|p|k|x)",
    re.IGNORECASE,
)


def is_measure(word: str) -> bool:
    """`256GB`, `43.2cm`, `1080p`: letters and digits, but not a model number."""
    return MEASURE.fullmatch(word) is not None


MODEL_WORD = re.compile(r"(?=[^\s]*\d)(?=[^\s]*[A-Za-z])[\w][\w./-]{2,}[\w]")


def model_keys(product: Product) -> list[str]:
    """Keys of the maker's number, the GTINs and of each model-like word (letters and digits) of the title."""
    in_title = (word for word in MODEL_WORD.findall(product.title) if not is_measure(word))
    keys = map(model_key, (product.model or "", *product.gtin, *in_title))
    return list(dict.fromkeys(key for key in keys if 4 <= len(key) <= 64))


def _log_share(count: int | None, at_most: float) -> float | None:
    """log(1 + count) as a share of log(1 + at_most), cut at 1."""
    if count is None:
        return None
    return round(min(1.0, math.log1p(count) / math.log1p(at_most)), 6)
