"""What the market speaks of: `data/categories/*.yml` (one top category each) and `data/*.yml`, checked by pydantic."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, ValidationError, model_validator

from learn.market.text import placeholders
from stack.errors import ConfigError

DATA = Path(__file__).parent / "data"
Some = Annotated[list[str], Field(min_length=1)]
Value = bool | float | str


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Say(Frozen):
    """How people call a type in a sentence: `air fryer` (one, many) or, with `plural`, `headphones`."""

    name: str
    many: str | None = None
    plural: bool = False
    mass: bool = Field(False, description="neither one nor many, like coffee")

    @cached_property
    def words(self) -> dict[str, str]:
        """What sentences may name, in the right number: `{a thing}`, `{things}`, `{this thing}`, `{is}`, `{them}` …"""
        many = self.plural
        return {
            "thing": self.name,
            "a thing": self.name if many or self.mass else f"a {self.name}",
            "things": self.many or (self.name if many or self.mass else f"{self.name}s"),
            "this thing": f"these {self.name}" if many else f"this {self.name}",
            "this": "these" if many else "this",
            "is": "are" if many else "is",
            "has": "have" if many else "has",
            "does": "do" if many else "does",
            "was": "were" if many else "was",
            "s": "" if many else "s",
            "it": "they" if many else "it",
            "them": "them" if many else "it",
        }


class Price(Frozen):
    """Lognormal. `by` moves the median with an attribute: a number is the exponent of (value / middle value), a table
    holds the factor of each value, 1 for those that it does not name."""

    median: Annotated[float, Field(gt=0, description="EUR")]
    sigma: Annotated[float, Field(gt=0, le=1.2)] = 0.35
    by: dict[str, float | dict[str, float]] = {}


class ProductType(Frozen):
    """A kind of thing to buy: how it is called, described, priced, and how creators speak of it."""

    type: str
    path: Annotated[list[str], Field(min_length=1, max_length=3, description="below the top category")]
    say: Say
    nouns: Some
    price: Price
    brands: list[str] = Field([], description="those who make it; empty: all of the category")
    lines: list[str] = Field([], description="names of product lines; empty: those of the category")
    model: list[str] = Field([], description="patterns of model numbers: @ a letter, # a digit")
    vary: str | None = Field(None, description="attribute in which listings of one model differ")
    attributes: dict[str, Annotated[list[Value], Field(min_length=1)]] = {}
    sets: dict[str, Some] = Field({}, description="attributes with several values, like the sizes on offer")
    together: list[dict[str, Value]] = Field([], description="values, `noun` too, that go together; one row is drawn")
    titles: Some
    use: Some
    make: Some
    detail: Some
    talk: Annotated[list[str], Field(min_length=3)]
    howto: list[str] = []

    @property
    def attribute_names(self) -> set[str]:
        return {*self.attributes, *self.sets, *(self.together[0] if self.together else ())} - {"noun"}

    @model_validator(mode="after")
    def _templates_fit(self) -> ProductType:
        known = self.attribute_names | {"brand", "line", "noun", "model"} | set(self.say.words)
        for template in (*self.titles, *self.use, *self.make, *self.detail, *self.talk, *self.howto):
            if unknown := placeholders(template) - known:
                raise ValueError(f"{self.type}: {template!r} names {', '.join(sorted(unknown))}")
        if any(set(row) != set(self.together[0]) for row in self.together):
            raise ValueError(f"{self.type}: rows of `together` differ in their names")
        if self.vary and not all(self.vary in placeholders(title) for title in self.titles):
            raise ValueError(f"{self.type}: each title must hold {{{self.vary}}}, in which its variants differ")
        if (self.vary and self.vary not in self.attributes) or set(self.price.by) - self.attribute_names:
            raise ValueError(f"{self.type}: `vary` and `price.by` name attributes of the type")
        if not self.model and any("model" in placeholders(title) for title in self.titles):
            raise ValueError(f"{self.type}: a title holds {{model}}, but there is no pattern for it")
        return self


class Line(Frozen):
    """A title or a closing line that fits the category; `types` names those that it fits, empty: all."""

    title: str
    types: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _text(cls, value: object) -> object:
        return {"title": value} if isinstance(value, str) else value


class Category(Frozen):
    """A top category."""

    category: str
    weight: Annotated[float, Field(gt=0, description="share of the market, relative")]
    returns: Annotated[float, Field(gt=0, lt=1, description="share of sold pieces that come back")]
    brands: Annotated[list[str], Field(min_length=8)]
    lines: Some
    shops: Annotated[list[str], Field(min_length=4, description="words of sellers' names")]
    closings: Annotated[list[Line], Field(min_length=1)]
    hashtags: Some
    videos: Annotated[list[Line], Field(min_length=3, description="video titles that only fit here")]
    lives: Annotated[list[Line], Field(min_length=3)]
    types: Annotated[list[ProductType], Field(min_length=5)]

    @model_validator(mode="after")
    def _lines_name_types(self) -> Category:
        known = {item.type for item in self.types}
        if unknown := {name for line in (*self.videos, *self.lives, *self.closings) for name in line.types} - known:
            raise ValueError(f"titles or closings name types that do not exist: {', '.join(sorted(unknown))}")
        return self

    @staticmethod
    def fitting(lines: list[Line], item: ProductType) -> list[str]:
        """Those lines that fit a type."""
        return [line.title for line in lines if not line.types or item.type in line.types]


class ProductWords(Frozen):
    """`data/products.yml`."""

    openings: Some


class VideoKind(Frozen):
    """One kind of short video, like a review: `many` of them show several products."""

    kind: str
    weight: float
    many: bool = False
    howto: bool = False
    titles: Some
    hooks: Some
    hashtags: Some


class VideoWords(Frozen):
    """`data/videos.yml`."""

    kinds: list[VideoKind]
    mentions: Some
    howto_mentions: Some
    howto_verdicts: Some
    links: Some
    verdicts: Some
    closings: Some
    handles: list[str]


class LiveWords(Frozen):
    """`data/lives.yml`."""

    titles: Some
    descriptions: Some


class PeopleWords(Frozen):
    """`data/people.yml`: names of creators and hosts, parts of sellers' names."""

    first: Some
    last: Some
    shops: Some


class Tasks(RootModel[dict[str, Some]]):
    """`data/tasks.yml`: what is said in a how-to, by its task."""


class ProfileWords(Frozen):
    """`data/profiles.yml`: where sellers are, by weight, and what everybody says of themselves."""

    countries: dict[Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")], int]
    sellers: Some
    creators: Some
    hosts: Some


class Vocabulary(Frozen):
    categories: Annotated[list[Category], Field(min_length=12)]
    products: ProductWords
    videos: VideoWords
    lives: LiveWords
    people: PeopleWords
    profiles: ProfileWords
    tasks: dict[str, Some] = Field(description="the steps of each task of a how-to")

    @model_validator(mode="after")
    def _steps_of_each_task(self) -> Vocabulary:
        if missing := {task for item in self.types.values() for task in item.howto} - self.tasks.keys():
            raise ValueError(f"tasks.yml has no steps for: {', '.join(sorted(missing))}")
        return self

    @cached_property
    def types(self) -> dict[str, ProductType]:
        """All product types by name."""
        return {item.type: item for category in self.categories for item in category.types}


Model = TypeVar("Model", bound=BaseModel)


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """All of `data/`, categories in the order of their file names. Raises ConfigError that names the file."""
    return Vocabulary(
        categories=[read_words(path, Category) for path in sorted((DATA / "categories").glob("*.yml"))],
        products=read_words(DATA / "products.yml", ProductWords),
        videos=read_words(DATA / "videos.yml", VideoWords),
        lives=read_words(DATA / "lives.yml", LiveWords),
        people=read_words(DATA / "people.yml", PeopleWords),
        profiles=read_words(DATA / "profiles.yml", ProfileWords),
        tasks=read_words(DATA / "tasks.yml", Tasks).root,
    )


def read_words(path: Path, model: type[Model]) -> Model:
    """A file of words, checked. Raises ConfigError that names it."""
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return model.model_validate(content)
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ConfigError(f"market vocabulary {path.name}: {error}", "Correct that file or reinstall souk") from error
