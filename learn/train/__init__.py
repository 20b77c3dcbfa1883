"""Learning to rank: feature log → folds → parameters → model, cross-validated by query.

Reading order: `data.py` (the log, checked), `folds.py`, `gains.py` (nDCG on arrays), `options.py`, `grow.py` (one
function, two trainers), `choose.py` (rounds and blend inside the folds), `search.py` (parameters), `fit.py`,
`crossval.py`, `ablate.py`.
"""
