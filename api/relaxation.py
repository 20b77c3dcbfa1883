"""Fewer words when nothing has them all: which shorter query has matches? One more round trip, and only then."""

from __future__ import annotations

from collections.abc import Sequence

from opensearchpy import AsyncOpenSearch

from api.answers import Recalled, read_answers
from api.engine import RECALL_PATHS, Deadline, multi_search, preference_of
from api.query.plan import Plan
from api.query.recall import Recall
from api.understand.relax import Relaxed


def found_enough(plan: Plan, recalled: Recalled, least: int) -> bool:
    """Do enough documents have the words? Only a search by words can be relaxed."""
    if plan.browsing or not plan.uses("relaxation"):
        return True
    return recalled.counted >= least


async def first_that_fits(
    client: AsyncOpenSearch, plan: Plan, recall: Recall, relaxed: Sequence[Relaxed], deadline: Deadline
) -> Relaxed | None:
    """The least shortened query that enough documents have, all counted in one `_msearch`; None when none has."""
    tries = [each for each in relaxed if each.text]
    parts = [recall.count_parts(plan.with_words(each.text)) for each in tries]
    flat = [part for group in parts for part in group]
    responses = await multi_search(
        client,
        [(part.index, part.body) for part in flat],
        deadline,
        preference=preference_of(plan.words.text),
        filter_path=RECALL_PATHS,
    )
    rules = recall.rules
    for number, each in enumerate(tries):
        span = slice(number * len(plan.kinds), (number + 1) * len(plan.kinds))
        seen = read_answers(flat[span], responses[span], recall.catalog, plan.now, rules.blend.live_heartbeat_s)
        if seen.counted >= rules.funnel.relax_below:
            return each
    return None
