"""Candidates for mappings/synonyms/, mined for a human to accept (`suggest.py` is the road; one source a file)."""
