"""A generated market: products, videos and lives of a shop that does not exist, deterministic by seed.

Reading order: `generate.py` (the road), `vocabulary.py` (what `data/*.yml` hold), `sellers.py`, `products.py`,
`videos.py`, `lives.py`, `write.py`, `cli.py`.
"""
