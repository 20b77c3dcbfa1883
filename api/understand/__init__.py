"""What a shopper's words mean: an ordered list of switchable steps (`chain.py`), fed by a published lexicon."""
