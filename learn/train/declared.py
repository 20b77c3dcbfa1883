"""What the feature set in use says of the features of a log. A log of another set has only what is still declared."""

from __future__ import annotations

from api.funnel.feature_set import FeatureSet
from learn.frame import FeatureFrame

OTHER = "undeclared"


def monotone_of(features: FeatureSet, frame: FeatureFrame) -> dict[str, int]:
    """Feature → 1 where more is never worse, -1 where more is never better."""
    return {name: sign for name, sign in features.monotone.items() if sign and name in frame.names}


def groups_of(features: FeatureSet, frame: FeatureFrame) -> dict[str, list[str]]:
    """Group → those of its features that the log has; what no group declares is a group of its own."""
    known = {group: [name for name in names if name in frame.names] for group, names in features.groups.items()}
    rest = [name for name in frame.names if name not in features.names]
    return {group: names for group, names in (known | {OTHER: rest}).items() if names}


def note_of(features: FeatureSet, frame: FeatureFrame) -> str | None:
    """A sentence when the log is of another feature set: its model would be refused."""
    if frame.set_hash == features.hash:
        return None
    return (
        f"The log is of feature set {frame.set_hash}, in use is {features.hash}: a model of it will be refused by a "
        "search. Log the features again."
    )
