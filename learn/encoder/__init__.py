"""Fine-tuning of the text encoder on the catalogue and on judgments: `souk train encoder`.

Read `pairs.py` (what is learned from), `batches.py`, `train.py` (how), `evaluate.py` (was it worth it), in that order.
What was tried and what it gained: docs/decisions/encoder-tuning.md.
"""
