"""Does all that a feature set names exist? Asked once at start, not by the first search that needs it."""

from __future__ import annotations

from api.funnel.compile import parameters
from api.funnel.feature_set import Feature, FeatureSet
from api.funnel.params import CLAUSE_PARAMS, QUERY_FEATURES
from api.funnel.signals import SIGNALS
from stack.errors import ConfigError


def check_features(features: FeatureSet) -> None:
    """Raise ConfigError that names every feature with a source that is not there, and what there is; or when there is
    no feature at all.
    """
    if not features.features:
        raise ConfigError(f"mappings/features declare nothing for {features.kind}s", "Restore mappings/features/*.yml")
    mistakes = [mistake for feature in features.features for mistake in _unknown(feature)]
    if mistakes:
        raise ConfigError(f"mappings/features: {'; '.join(mistakes)}", "Correct the file")


def _unknown(feature: Feature) -> list[str]:
    if feature.pool is not None and feature.pool not in SIGNALS:
        return [f"{feature.name}: there is no pool signal {feature.pool!r} (there is: {', '.join(sorted(SIGNALS))})"]
    if feature.query is not None and feature.query not in QUERY_FEATURES:
        there = ", ".join(sorted(QUERY_FEATURES))
        return [f"{feature.name}: there is no value {feature.query!r} of a query (there is: {there})"]
    wrong = [name for name in parameters(feature.engine) if name not in CLAUSE_PARAMS]
    there = ", ".join(sorted(CLAUSE_PARAMS))
    return [f"{feature.name}: there is no parameter ${name} (there is: {there})" for name in wrong]
