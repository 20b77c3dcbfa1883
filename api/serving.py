"""What is published for serving: the lexicon and the ranking models. New versions are taken up without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.funnel.check import check_features
from api.funnel.feature_set import FeatureSet, load_features
from api.funnel.model import RankModel
from api.understand.chain import Understander
from api.understand.lexicon import Lexicon
from api.understand.step_rules import StepRules, load_step_rules
from stack.documents import KINDS, Kind
from stack.published import Shelf, Version, Watched
from stack.settings import Settings

LEXICON = "lexicon"
SHADOW = "-shadow"


def rank_shelf(kind: str) -> str:
    """`product` → `rank-product`."""
    return f"rank-{kind}"


@dataclass
class Serving:
    """The lexicon in use and the models by kind, looked at again in the background while requests are answered."""

    bare: Understander
    lexicon: Watched[Understander]
    models: Mapping[Kind, Watched[RankModel]]
    shadows: Mapping[Kind, Watched[RankModel]]
    features: Mapping[Kind, FeatureSet]
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def understander(self) -> Understander:
        """The one with the published lexicon; without one, what needs no lexicon is understood."""
        return self.lexicon.get() or self.bare

    def model(self, kind: Kind) -> RankModel | None:
        return self.models[kind].get()

    def shadow(self, kind: Kind) -> RankModel | None:
        return self.shadows[kind].get()

    def published(self, kind: Kind, version: str) -> RankModel:
        """Any published model. Blocks. Raises NotFoundError, or ConfigError for one of another feature set."""
        return self.models[kind].load(version)

    def versions(self, kind: Kind) -> list[str]:
        """The published models by name, newest first."""
        return self.models[kind].shelf.names()[::-1]

    def refresh(self) -> None:
        """Load what is current now. Blocks."""
        self.lexicon.refresh()
        for watched in (*self.models.values(), *self.shadows.values()):
            watched.refresh()

    def tick(self) -> None:
        """Look again when it is time, beside the requests. Never waits."""
        if self.lexicon.stale and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(asyncio.to_thread(self.refresh))

    def about(self) -> dict[str, Any]:
        """What is in use, for `readyz`: versions, and why a version is not used."""
        watched: dict[str, Watched[Any]] = {LEXICON: self.lexicon}
        watched |= {rank_shelf(kind): found for kind, found in self.models.items()}
        # Most shops have no shadow: it is told of where there is one, or should be.
        shadows = {rank_shelf(kind) + SHADOW: found for kind, found in self.shadows.items()}
        watched |= {name: found for name, found in shadows.items() if found.version or found.problem}
        return {name: {"version": each.version} | ({"problem": each.problem} if each.problem else {})
                for name, each in watched.items()}  # fmt: skip


def serving_of(settings: Settings) -> Serving:
    """What the settings' folder has published. Raises ConfigError for wrong files under `mappings/`."""
    rules = load_step_rules(settings.mappings_dir)
    features = {kind: load_features(settings.mappings_dir, kind) for kind in KINDS}
    for declared in features.values():
        check_features(declared)
    return Serving(
        bare=Understander(None, rules, settings.languages),
        lexicon=Watched(Shelf(settings.published, LEXICON), _loader(rules, settings.languages)),
        models={kind: _watched(settings, rank_shelf(kind), features[kind]) for kind in KINDS},
        shadows={kind: _watched(settings, rank_shelf(kind) + SHADOW, features[kind]) for kind in KINDS},
        features=features,
    )


def _loader(rules: StepRules, languages: tuple[str, ...]) -> Any:
    def load(version: Version) -> Understander:
        return Understander(Lexicon.load(version), rules, languages)

    return load


def _watched(settings: Settings, name: str, features: FeatureSet) -> Watched[RankModel]:
    def load(version: Version) -> RankModel:
        model = RankModel.load(version)
        model.check(features.names, features.hash)
        return model

    return Watched(Shelf(settings.published, name), load)
