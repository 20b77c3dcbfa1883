"""`souk reindex`: a new index is built beside the old one, takes over its alias, and no search and no write is lost.

`run.py` is the road; read it first.
"""
