"""The one place that wires a Searcher: settings → client, capabilities, rules, encoder."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from opensearchpy import AsyncOpenSearch
from threadpoolctl import threadpool_limits

from api import telemetry
from api.browse.rules import load_similar_rules
from api.cursor.points import Points
from api.cursor.rules import load_cursor_rules
from api.cursor.token import key_of
from api.cursor.walk import Walker
from api.guard import ModelGuard
from api.query.fields import load_fields
from api.query.recall import Recall
from api.rooms import watch_rooms
from api.search import Searcher
from api.serving import serving_of
from api.suggest.rules import load_suggest_rules
from api.suggest.suggester import Suggester
from stack.capabilities import read_capabilities_async
from stack.client import connect_async, engine_errors
from stack.embedding import Encoder, ModelCard, load_encoder
from stack.indexes import all_aliases, index_info, require_model
from stack.rules import load_rules
from stack.settings import Settings
from stack.signals import SIGNAL


@asynccontextmanager
async def build_searcher(settings: Settings, encoder: Encoder | None = None) -> AsyncIterator[Searcher]:
    """A Searcher whose client is closed at the end.

    Raises ConfigError for wrong rules or a model that cannot be had, EngineUnavailableError when the engine is away,
    NotFoundError when the indexes are missing, ModelMismatchError when they hold another model's vectors.
    """
    recall = Recall(
        load_rules(settings.mappings_dir),
        load_fields(settings.mappings_dir),
        all_aliases(settings),
        settings.index_prefix,
    )
    client = connect_async(settings)
    telemetry.trace_engine(client)
    try:
        can = await read_capabilities_async(client)
        model = await asyncio.to_thread(load_encoder, settings) if encoder is None else encoder
        card = model.card

        async def check() -> None:
            await check_models(client, settings, card)

        await check()
        serving = serving_of(settings)
        await asyncio.to_thread(serving.refresh)
        # What lives as long as the process need not be walked by the garbage collector: a full collection took 40 ms,
        # in the middle of any stage, and was the 99th percentile of a search.
        gc.collect()
        gc.freeze()
        # A product of two matrices of 200 rows takes 0.3 ms on one thread, and 40 ms on two that wait for each other
        # while the engine works on the same cores; many requests at once fill the cores anyway.
        threadpool_limits(limits=1, user_api="blas")
        suggester = Suggester(
            client, settings.index_prefix, load_suggest_rules(settings.mappings_dir), serving, lambda: datetime.now(UTC)
        )
        points = Points(client, load_cursor_rules(settings.mappings_dir))
        watch = watch_rooms(client, settings.alias(SIGNAL))
        await watch.start()
        try:
            yield Searcher(
                client=client,
                encoder=model,
                recall=recall,
                can=can,
                languages=settings.languages,
                default_mode=settings.mode,
                deadline_s=settings.deadline_ms / 1000,
                clock=lambda: datetime.now(UTC),
                check_indexes=check,
                guard=ModelGuard(check),
                serving=serving,
                suggester=suggester,
                walker=Walker(client, recall, points, key_of(settings)),
                similar_rules=load_similar_rules(settings.mappings_dir),
                rooms=lambda: watch.rooms,
            )
        finally:
            await watch.close()
            await suggester.close()
    finally:
        await client.close()


async def check_models(client: AsyncOpenSearch, settings: Settings, card: ModelCard) -> None:
    """Raise NotFoundError when an index is missing, ModelMismatchError when its vectors are of another model."""
    for alias in all_aliases(settings).values():
        with engine_errors():
            answer = await client.indices.get_mapping(index=alias)
        require_model(index_info(alias, answer), card)
