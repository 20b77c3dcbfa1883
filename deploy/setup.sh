#!/bin/sh
# Brings an empty cluster to a shop to look at: indexes, the generated market, two weeks of its shoppers.
# Safe to repeat: what has not changed is not written again.
set -eu

souk apply
souk market generate --out "$SOUK_STATE_DIR/market" --seed 7 --force
souk ingest sellers "$SOUK_STATE_DIR/market/sellers.jsonl"
souk ingest creators "$SOUK_STATE_DIR/market/creators.jsonl"
souk ingest products "$SOUK_STATE_DIR/market/products.jsonl"
souk ingest videos "$SOUK_STATE_DIR/market/videos.jsonl"
souk ingest lives "$SOUK_STATE_DIR/market/lives.jsonl"
souk market behaviour --market "$SOUK_STATE_DIR/market" --out "$SOUK_STATE_DIR/behaviour" --days 14 --sessions 1500
souk events import "$SOUK_STATE_DIR/behaviour/ubi_queries.jsonl" "$SOUK_STATE_DIR/behaviour/ubi_events.jsonl"
