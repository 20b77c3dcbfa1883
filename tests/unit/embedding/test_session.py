"""The real, bundled model: our runtime gives the vectors that sentence-transformers gives on the same file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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
    """One text a batch on both sides: an int8 model's activations are scaled over the whole batch."""
    command = [sys.executable, "-c", REFERENCE, str(folder), INT8_FILE, str(model.model_max_tokens)]
    done = subprocess.run(
        command, input=json.dumps(TEXTS), capture_output=True, text=True, check=False, timeout=120,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    expected = np.array(json.loads(done.stdout.splitlines()[-1]), np.float32)
    assert cosines(session.encode(TEXTS, 1), expected) == pytest.approx(1, abs=1e-4)


def test_each_vector_has_length_one(session: OnnxSession) -> None:
    vectors = session.encode(TEXTS, 8)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_the_order_of_the_texts_is_kept(session: OnnxSession) -> None:
    """Batches are made of texts of like length; the rows come back in the order of the texts."""
    alone = session.encode(TEXTS, 1)
    shuffled = [TEXTS[place] for place in np.random.default_rng(7).permutation(len(TEXTS))]
    again = session.encode(shuffled, 1)
    np.testing.assert_array_equal(again, alone[[TEXTS.index(text) for text in shuffled]])


def test_the_batch_does_not_matter_to_the_full_model(folder: Path, model: Settings) -> None:
    full = OnnxSession(folder / FP32_FILE, folder / "tokenizer.json", "mean", model.model_max_tokens, 2)
    np.testing.assert_allclose(full.encode(TEXTS, 8), full.encode(TEXTS, 1), atol=1e-5)


def test_the_batch_moves_a_quantised_vector_no_more_than_quantising_does(session: OnnxSession) -> None:
    """int8 activations are scaled over the whole batch: 0.987 to 0.999 for titles, less for an empty text."""
    assert (cosines(session.encode(TEXTS, 8), session.encode(TEXTS, 1)) > 0.94).all()


def test_an_empty_text_and_a_very_long_one(session: OnnxSession) -> None:
    empty, long, longer = session.encode(["", "word " * 2_000, "word " * 4_000], 1)
    assert np.isfinite([empty, long]).all()
    np.testing.assert_array_equal(long, longer), "what is behind the token limit is not read"
    assert session.encode([], 8).shape[0] == 0


def test_meaning_is_near(encoder: Encoder) -> None:
    query = encoder.encode_query("headphones for listening to music")
    near, far = encoder.encode_documents(["Sony over-ear headphones", "Garden hose, 20 m"])
    assert query @ near > query @ far + 0.2


def test_a_document_of_two_passages_is_their_mean(encoder: Encoder) -> None:
    both, one, other = encoder.encode_documents(
        [f"red kettle{PASSAGE_BREAK}steel, 1.7 l", "red kettle", "steel, 1.7 l"]
    )
    assert float(both @ unit((one + other)[None])[0]) == pytest.approx(1, abs=0.02)
    assert encoder.encode_documents([]).shape == (0, 384)


def test_queries_are_cached(encoder: Encoder) -> None:
    assert encoder.cached_query("a query that nobody typed yet") is None
    first = encoder.encode_query("a query that nobody typed yet")
    assert encoder.encode_query("a query that nobody typed yet") is first
    assert encoder.cached_query("a query that nobody typed yet") is first


def test_the_query_cache_can_be_switched_off(session: OnnxSession, encoder: Encoder) -> None:
    without = Encoder(session, encoder.card, batch=8, query_cache=0)
    np.testing.assert_array_equal(without.encode_query("mouse"), without.encode_query("mouse"))
    assert without.cached_query("mouse") is None


def test_prompts_of_a_model_stand_before_its_texts(session: OnnxSession, encoder: Encoder) -> None:
    prompted = Encoder(session, encoder.card, 8, 10, {"query": "query: ", "document": "passage: "})
    np.testing.assert_array_equal(prompted.encode_query("mouse"), session.encode(["query: mouse"], 1)[0])
    np.testing.assert_allclose(
        prompted.encode_documents(["mouse"]), session.encode(["passage: mouse"], 1), rtol=1e-5, atol=1e-6
    )


def test_pooling_reads_real_tokens_only() -> None:
    states = np.array([[[1, 1], [3, 5], [100, 100]], [[2, 4], [9, 9], [9, 9]]], np.float32)
    mask = np.array([[1, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(pool(states, mask, "mean"), [[2, 3], [2, 4]])
    np.testing.assert_array_equal(pool(states, mask, "cls"), [[1, 1], [2, 4]])
    np.testing.assert_array_equal(pool(states[:1], np.zeros((1, 3), np.int64), "mean"), [[0, 0]])


def test_unit_scales_rows_and_leaves_zero() -> None:
    np.testing.assert_allclose(unit(np.array([[3, 4], [0, 0]], np.float32)), [[0.6, 0.8], [0, 0]], rtol=1e-6)
