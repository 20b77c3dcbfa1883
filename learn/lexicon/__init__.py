"""The lexicon of the catalogue, built: scan → tally → dictionaries, things, categories → publish (`build.py`)."""
