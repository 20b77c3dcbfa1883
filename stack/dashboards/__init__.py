"""Saved objects for OpenSearch Dashboards 3.5: `panels.yml` is what they are made of, `souk.ndjson` what they are."""
