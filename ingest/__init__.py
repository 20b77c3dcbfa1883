"""Ingestion: read → validate → normalise → enrich → write. Start reading at `ingest/pipeline.py`."""
