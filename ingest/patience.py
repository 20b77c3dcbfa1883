"""Waiting for a busy engine: retries with jitter, up to a deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any, TypeVar

from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConnectionError as EngineConnectionError
from opensearchpy.exceptions import SSLError, TransportError
from tenacity import (
    AttemptManager,
    RetryError,
    Retrying,
    retry_if_exception,
    sleep_using_event,
    stop_after_delay,
    stop_when_event_set,
    wait_random_exponential,
)

from stack.client import documents_of, translate
from stack.errors import EngineError, EngineUnavailableError

BUSY = frozenset({429, 502, 503, 504})
NO_MANAGER = "SERVICE_UNAVAILABLE/"  # "blocked by: [SERVICE_UNAVAILABLE/2/no cluster-manager]"
# The number of the block that `souk reindex` sets, in the engine's words; a full disk is number 12.
HELD = "FORBIDDEN/8/"
RESUME = "Nothing is lost: see to the engine (souk status) and run the same command with --resume"
T = TypeVar("T")


class Busy(Exception):
    """The engine took part of a request only and asks to send the rest again."""


class Patience:
    """How long a busy or absent engine is waited for, in seconds from the first try of a request."""

    def __init__(self, seconds: float, halt: Event, remedy: str = RESUME) -> None:
        self._seconds = seconds
        self._halt = halt
        self._remedy = remedy

    def attempts(self) -> Iterator[AttemptManager]:
        """Iterate over attempts, as tenacity does: `for attempt in …: with attempt: …`.

        Full jitter (aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter): many writers that were refused
        together do not come back together. Raises EngineUnavailableError when time is up, what else the engine refused
        with in our own tree.
        """
        try:
            yield from Retrying(
                retry=retry_if_exception(worth_a_retry),
                wait=wait_random_exponential(multiplier=0.25, max=10),
                stop=stop_after_delay(self._seconds) | stop_when_event_set(self._halt),
                sleep=sleep_using_event(self._halt),
            )
        except RetryError as error:
            last = error.last_attempt.exception()
            reason = translate(last).message if isinstance(last, TransportError) else str(last)
            message = f"{reason}; gave up after {self._seconds:.0f} s of retries"
            raise EngineUnavailableError(message, self._remedy) from error

    def ask(self, request: Callable[[], T]) -> T:
        """The answer to a request that may be sent again. Raises as `attempts` does."""
        try:
            for attempt in self.attempts():
                with attempt:
                    return request()
        except TransportError as error:
            raise translate(error) from error
        raise AssertionError("attempts end with an answer or an error")

    def documents(self, client: OpenSearch, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What an `_mget` finds, in the order asked: a real-time get, it sees what was written a moment ago.

        A shard that cannot say is waited for: taken for "no such document", it would let a deleted one come back.
        """

        def get() -> list[dict[str, Any]]:
            try:
                return documents_of(client.mget(body={"docs": wanted}))
            except EngineUnavailableError as error:
                raise Busy(error.message) from error

        return self.ask(get) if wanted else []


def worth_a_retry(error: BaseException) -> bool:
    """Is this the engine being busy, restarting or out of reach, rather than refusing?"""
    if isinstance(error, Busy):
        return True
    if isinstance(error, EngineConnectionError):
        return not isinstance(error, SSLError)
    if not isinstance(error, TransportError):
        return False
    return is_held(error.info) or (error.status_code in BUSY and not is_block(error.info))


def is_block(info: object) -> bool:
    """A block of the cluster (the disk is full) is not over in seconds, whatever status it comes with.

    One for want of a cluster manager is: another is elected.
    """
    return "cluster_block_exception" in str(info) and NO_MANAGER not in str(info) and not is_held(info)


def is_held(info: object) -> bool:
    """Are writes to this index held, as `souk reindex` does for a moment before the new index takes over?"""
    return HELD in str(info)


def fatal(message: str) -> EngineError:
    """An error that ends the run, with the way back."""
    return EngineError(message, RESUME)
