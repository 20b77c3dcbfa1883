"""Offline work: judgments, evaluation, and the generated market. Drives the production path of `api`."""
