"""Two rankers side by side for one query: what moved, and why. Read `side_by_side.py` first."""
