"""The errors of Souk, in one tree. Each message says what is wrong and each error carries its remedy.

    SoukError
    ├── ConfigError         a setting, a mapping file or an option is wrong          exit 2, HTTP 500
    ├── InputError          what the caller sent is wrong; lists every mistake       exit 2, HTTP 422
    ├── NotFoundError       no such document or index                                exit 2, HTTP 404
    ├── ExpiredError        it was there, and is no more: begin again                exit 2, HTTP 410
    ├── ModelMismatchError  the embedding model is not the one of the index          exit 2, HTTP 503
    └── EngineError         the engine refused or failed; a retry would not help     exit 2, HTTP 502
        ├── EngineUnavailableError   gone, starting, or out of time; worth a retry   HTTP 503
        ├── EngineStartError         the local node could not be started
        └── UnsupportedError         the cluster lacks a plugin that was asked for   HTTP 409

`souk.py` turns them into exit codes, `api/http/errors.py` into HTTP statuses.
"""

from __future__ import annotations

from dataclasses import dataclass


class SoukError(Exception):
    """Base of all errors a user may see: `message` says what is wrong, `remedy` what to do about it."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy}" if self.remedy else self.message


class ConfigError(SoukError):
    """A setting, an option or a file under `mappings/` is wrong."""


@dataclass(frozen=True)
class Mistake:
    """One thing wrong in an input: where (field, line or parameter), what, and what would be right."""

    where: str
    what: str
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        options = f" (there is: {', '.join(self.allowed)})" if self.allowed else ""
        return f"{self.where}: {self.what}{options}"


class InputError(SoukError):
    """What the caller sent is wrong. Holds every mistake, not the first one only."""

    def __init__(self, mistakes: list[Mistake], remedy: str = "") -> None:
        super().__init__("; ".join(map(str, mistakes)), remedy)
        self.mistakes = tuple(mistakes)


class NotFoundError(SoukError):
    """No such document or index."""


class ExpiredError(SoukError):
    """What was given out for a time is no longer good: begin again."""


class ModelMismatchError(SoukError):
    """The embedding model in use is not the one whose vectors the index holds."""


class EngineError(SoukError):
    """The engine refused a request or failed."""


class EngineUnavailableError(EngineError):
    """The engine cannot be reached or did not answer in time. `retry_after_s` is a fair time to wait."""

    def __init__(self, message: str, remedy: str = "", retry_after_s: int = 2) -> None:
        super().__init__(message, remedy)
        self.retry_after_s = retry_after_s


class EngineStartError(EngineError):
    """The local engine could not be started."""


class UnsupportedError(EngineError):
    """The cluster lacks a capability (a plugin) that was asked for by name."""
