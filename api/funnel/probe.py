"""Which feature does the engine refuse? Each one asked for alone, once a feature request has failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from opensearchpy import AsyncOpenSearch

from api.answers import is_partial
from api.engine import Deadline, preference_of, scored_search
from api.funnel.feature_set import FeatureSet
from api.funnel.final_stage import FEATURE_PATHS, feature_body
from stack.errors import EngineError, EngineUnavailableError


async def failing_features(
    client: AsyncOpenSearch,
    index: str,
    ids: Sequence[str],
    features: FeatureSet,
    params: Mapping[str, Any],
    deadline: Deadline,
) -> list[str]:
    """The names of all features that the engine does not answer for these documents; none when each alone is well.

    A request for each feature: for the feature log, where a wrong feature must be found, not for live searches. Raises
    EngineUnavailableError when the engine is gone.
    """
    failing = []
    for feature in (*features.of("engine"), *features.of("field")):
        alone = FeatureSet(kind=features.kind, features=(feature,))
        try:
            response = await scored_search(
                client,
                index,
                feature_body(ids, alone, params),
                deadline,
                preference=preference_of(feature.name),
                filter_path=FEATURE_PATHS,
            )
        except EngineUnavailableError:
            raise
        except EngineError:
            failing.append(feature.name)
        else:
            failing += [feature.name] * is_partial(response)
    return failing
