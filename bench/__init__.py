"""Speed and memory, each as a ratio against the bare engine or the bare model in the same run: `python -m bench`.

Reading order: `__main__.py` (the road), `rows/` (what is measured, a file per group), `timing.py` (how), `table.py`
(how it is told), `bed.py` (the indexes and data it is measured on), `bare_*.py` (the baselines with
a process of their own).
"""
