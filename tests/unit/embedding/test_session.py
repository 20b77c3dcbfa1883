"""The real, bundled model: our runtime gives the vectors that sentence-transformers gives on the same file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from stack.embedding.encoder import Encoder, load_encoder
from stack.embedding.export import FP32_FILE, INT8_FILE, ensure_exported
from stack.embedding.session import OnnxSession, Vectors, pool, read_pooling, unit
from stack.embedding.source import find_source
from stack.embedding.text import PASSAGE_BREAK
from stack.settings import Settings, load_settings

TEXTS = [
    "laptop",
    "HP Pavilion dv7-1211ea 17.3\" laptop",
    "wireless mouse",
    "Wireless MOUSE!!!",
    "",
    " ",
    "Kopfhörerständer aus Holz",
    "吉他初学者套装",
    "كيبورد لاسلكي",
    "😀 party lights 🎉",
    "a",
    "1234567890",
    "<b>bold</b> & \"quoted\"",
    "tab\tand\nnewline",
    "ﬁne ligature",
    "the quick brown fox jumps over the lazy dog " * 8,
    "supercalifragilisticexpialidocious" * 4,
    "live: unboxing the new phone with Ann",
    "USB-C 65W charger, 2 m cable, white",
    "word " * 2_000,
]  # fmt: skip
REFERENCE = """
import json, sys
from sentence_transformers import SentenceTransformer
folder, file, tokens, texts = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.load(sys.stdin)
options = {"provider": "CPUExecutionProvider", "file_name": file}
model = SentenceTransformer(folder, backend="onnx", model_kwargs=options)
model.max_seq_length = tokens
print(json.dumps([model.encode([text], normalize_embeddings=True)[0].tolist() for text in texts]))
"""


@pytest.fixture(scope="module")
def model() -> Settings:
    return load_settings()


@pytest.fixture(scope="module")
def folder(model: Settings) -> Path:
    """The exported model; made the first time (some 15 s)."""
    name, source, sha256 = find_source(model.model)
    return ensure_exported(source, model.cache_dir / "models" / f"{name}-{sha256[:12]}")


@pytest.fixture(scope="module")
def encoder(model: Settings) -> Encoder:
    return load_encoder(model)


@pytest.fixture(scope="module")
def session(folder: Path, model: Settings) -> OnnxSession:
    return OnnxSession(folder / INT8_FILE, folder / "tokenizer.json", read_pooling(folder), model.model_max_tokens, 2)


def cosines(one: Vectors, other: Vectors) -> Vectors:
    return np.asarray((unit(one) * unit(other)).sum(axis=1))


def test_vectors_are_those_of_sentence_transformers(session: OnnxSession, folder: Path, model: Settings) -> None:
    """One text at a time on both sides: an int8 model's activations are scaled over a whole batch."""
    command = [sys.executable, "-c", REFERENCE, str(folder), INT8_FILE, str(model.model_max_tokens)]
    done = subprocess.run(
        command, input=json.dumps(TEXTS), capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    expected = np.array(json.loads(done.stdout.splitlines()[-1]), np.float32)
    assert cosines(session.encode(TEXTS), expected) == pytest.approx(1, abs=1e-4)


def test_each_vector_has_length_one(session: OnnxSession) -> None:
    vectors = session.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_vector_does_not_depend_on_its_neighbours(session: OnnxSession) -> None:
    """Ingested again in another order, a document has the same vector; and each row is that of its own text."""
    together = session.encode(TEXTS)
    for place in np.random.default_rng(7).permutation(len(TEXTS))[:8]:
        np.testing.assert_array_equal(session.encode([TEXTS[place]])[0], together[place])
    np.testing.assert_array_equal(session.encode(TEXTS[::-1]), together[::-1])


def test_quantised_vectors_are_near_those_of_the_full_model(
    session: OnnxSession, folder: Path, model: Settings
) -> None:
    full = OnnxSession(folder / FP32_FILE, folder / "tokenizer.json", "mean", model.model_max_tokens, 2)
    assert cosines(session.encode(TEXTS), full.encode(TEXTS)).mean() > 0.985


def test_threads_that_share_a_session_do_not_mix_their_texts(session: OnnxSession) -> None:
    expected = session.encode(TEXTS)
    with ThreadPoolExecutor(4) as pool_of_threads:
        found = list(pool_of_threads.map(lambda text: session.encode([text])[0], TEXTS))
    np.testing.assert_array_equal(np.stack(found), expected)


def test_an_empty_text_and_a_very_long_one(session: OnnxSession) -> None:
    empty, long, longer = session.encode(["", "word " * 2_000, "word " * 4_000])
    assert np.isfinite([empty, long]).all()
    np.testing.assert_array_equal(long, longer), "what is behind the token limit is not read"
    assert session.encode([]).shape[0] == 0


def test_meaning_is_near(encoder: Encoder) -> None:
    query = encoder.encode_query("headphones for listening to music")
    near, far = encoder.encode_documents(["Sony over-ear headphones", "Garden hose, 20 m"])
    assert query @ near > query @ far + 0.2


def test_a_document_of_two_passages_is_their_mean(encoder: Encoder) -> None:
    both, one, other = encoder.encode_documents(
        [f"red kettle{PASSAGE_BREAK}steel, 1.7 l", "red kettle", "steel, 1.7 l"]
    )
    assert float(both @ unit((one + other)[None])[0]) == pytest.approx(1, abs=1e-5)
    assert encoder.encode_documents([]).shape == (0, 384)


def test_queries_are_cached(encoder: Encoder) -> None:
    assert encoder.cached_query("a query that nobody typed yet") is None
    first = encoder.encode_query("a query that nobody typed yet")
    assert encoder.encode_query("a query that nobody typed yet") is first
    assert encoder.cached_query("a query that nobody typed yet") is first


def test_the_query_cache_can_be_switched_off(session: OnnxSession, encoder: Encoder) -> None:
    without = Encoder(session, encoder.card, query_cache=0)
    np.testing.assert_array_equal(without.encode_query("mouse"), without.encode_query("mouse"))
    assert without.cached_query("mouse") is None


def test_prompts_of_a_model_stand_before_its_texts(session: OnnxSession, encoder: Encoder) -> None:
    prompted = Encoder(session, encoder.card, 10, {"query": "query: ", "document": "passage: "})
    np.testing.assert_array_equal(prompted.encode_query("mouse"), session.encode(["query: mouse"])[0])
    np.testing.assert_allclose(
        prompted.encode_documents(["mouse"]), session.encode(["passage: mouse"]), rtol=1e-5, atol=1e-6
    )


def test_pooling_of_token_states() -> None:
    states = np.array([[1, 1], [3, 5]], np.float32)
    np.testing.assert_array_equal(pool(states, "mean"), [2, 3])
    np.testing.assert_array_equal(pool(states, "cls"), [1, 1])


def test_unit_scales_rows_and_leaves_zero() -> None:
    np.testing.assert_allclose(unit(np.array([[3, 4], [0, 0]], np.float32)), [[0.6, 0.8], [0, 0]], rtol=1e-6)
