"""A lexicon as files: JSON and numpy arrays, never pickles, so that a hostile file can do no more than be refused.

`about.json` holds the digest of each file: what was cut short, or comes from elsewhere, is not loaded.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from api.understand.categories import CategoryModel
from api.understand.dictionaries import Entry
from api.understand.lexicon import Classifier, Lexicon, no_category
from api.understand.vocabulary import GROUPS, Vocabulary
from stack.errors import ConfigError
from stack.published import Version

FORMAT = 1
REMEDY = "Run souk understand build, or souk understand rollback"
VOCABULARY, DICTIONARIES, CATEGORIES = "vocabulary.npz", "dictionaries.json", "categories.npz"
ENTRY_FIELDS = ("text", "type", "value", "field", "count")
T = TypeVar("T")


def pack(lexicon: Lexicon) -> dict[str, bytes]:
    """The files of a lexicon by name. The same lexicon gives the same bytes."""
    words, model = lexicon.vocabulary, lexicon.classifier
    files = {
        VOCABULARY: _arrays(
            words=_joined(list(words.places)),
            counts=np.array(words.counts, np.uint32),
            groups=words.groups,
            pairs=words.pairs,
            pair_counts=words.pair_counts,
        ),
        DICTIONARIES: _json(
            {
                "documents": lexicon.documents,
                "groups": GROUPS,
                "entries": [[getattr(entry, name) for name in ENTRY_FIELDS] for entry in lexicon.entries],
                "things": sorted(lexicon.things),
                "kept": sorted(lexicon.kept),
                "shapes": dict(sorted(lexicon.shapes.items())),
            }
        ),
    }
    return files | ({CATEGORIES: pack_categories(model)} if isinstance(model, CategoryModel) else {})


def pack_categories(model: CategoryModel) -> bytes:
    """The classifier's file."""
    return _arrays(
        labels=_joined(model.labels),
        features=_joined(list(model.features)),
        grams=np.array(model.grams, np.int32),
        idf=model.idf,
        starts=model.starts,
        classes=model.classes,
        weights=model.weights,
        bias=model.bias,
        raw=model.raw,
        calibrated=model.calibrated,
        least=np.array([model.least]),
    )


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """For `about.json`: 32 hex digits of each file."""
    return {name: _digest(content) for name, content in files.items()}


def read_lexicon(version: Version) -> Lexicon:
    """Read what `pack` made. Raises ConfigError that names the file when one is missing, cut short or foreign."""
    if version.about.get("format") != FORMAT:
        raise ConfigError(f"lexicon {version.name}: about.json: not a lexicon of format {FORMAT}", REMEDY)
    files = _checked_files(version)
    vocabulary = _reading(version, VOCABULARY, lambda: _vocabulary(files[VOCABULARY]))
    tables = _reading(version, DICTIONARIES, lambda: _dictionaries(files[DICTIONARIES]))
    classifier: Classifier = no_category
    if CATEGORIES in files:
        classifier = _reading(version, CATEGORIES, lambda: _categories(files[CATEGORIES]))
    return Lexicon(version=version.name, vocabulary=vocabulary, classifier=classifier, **tables)


def _checked_files(version: Version) -> dict[str, bytes]:
    listed = version.about.get("files")
    if not isinstance(listed, dict) or not {VOCABULARY, DICTIONARIES} <= listed.keys() <= {
        VOCABULARY,
        DICTIONARIES,
        CATEGORIES,
    }:
        raise ConfigError(f"lexicon {version.name}: about.json: does not list the files of a lexicon", REMEDY)
    files = {name: _reading(version, name, (version.folder / name).read_bytes) for name in listed}
    for name, content in files.items():
        if _digest(content) != listed[name]:
            raise ConfigError(f"lexicon {version.name}: {name}: is not what was published, or was cut short", REMEDY)
    return files


def _reading(version: Version, name: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ConfigError(f"lexicon {version.name}: {name}: {error}", REMEDY) from error


def _vocabulary(content: bytes) -> Vocabulary:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        words = _split(arrays["words"])
        counts, groups = arrays["counts"].tolist(), arrays["groups"]
        pairs, pair_counts = arrays["pairs"], arrays["pair_counts"]
    if len(counts) != len(words) or groups.shape != (len(words), len(GROUPS)) or len(pairs) != len(pair_counts):
        raise ValueError("its arrays do not fit each other")
    return Vocabulary({word: place for place, word in enumerate(words)}, tuple(counts), groups, pairs, pair_counts)


def _dictionaries(content: bytes) -> dict[str, Any]:
    tables = json.loads(content)
    if tuple(tables["groups"]) != GROUPS:
        raise ValueError("has other field groups")
    return {
        "documents": int(tables["documents"]),
        "entries": tuple(Entry(**dict(zip(ENTRY_FIELDS, row, strict=True))) for row in tables["entries"]),
        "things": frozenset(tables["things"]),
        "kept": frozenset(tables["kept"]),
        "shapes": tables["shapes"],
    }


def _categories(content: bytes) -> CategoryModel:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        features, labels = _split(arrays["features"]), _split(arrays["labels"])
        idf, starts, classes = arrays["idf"], arrays["starts"], arrays["classes"]
        weights, bias, grams = arrays["weights"], arrays["bias"], arrays["grams"]
        raw, calibrated, least = arrays["raw"], arrays["calibrated"], float(arrays["least"][0])
    fits = len(idf) == len(features) == len(starts) - 1 and len(bias) == len(labels) and len(raw) == len(calibrated) > 0
    inside = classes.min(initial=0) >= 0 and classes.max(initial=0) < len(labels)
    ordered = starts[0] == 0 and starts[-1] == len(classes) == len(weights) and bool((np.diff(starts) >= 0).all())
    if not (fits and inside and ordered):
        raise ValueError("its arrays do not fit each other")
    places = {name: place for place, name in enumerate(features)}
    return CategoryModel(
        tuple(labels), places, tuple(grams.tolist()), idf, starts, classes, weights, bias, raw, calibrated, least
    )


def _arrays(**arrays: Any) -> bytes:
    """An .npz whose bytes depend on the arrays alone: `np.savez` writes the time of day into it."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), content.getvalue(), compresslevel=6)
    return written.getvalue()


def _joined(texts: Sequence[str]) -> Any:
    """Texts without line breaks as one array of bytes: numpy's own strings take four bytes a character."""
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def _split(array: Any) -> list[str]:
    text = array.tobytes().decode()
    return text.split("\n") if text else []


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
