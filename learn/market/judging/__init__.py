"""What shoppers of the generated market type, and what is right for them: queries and ratings from the hidden truth.

Reading order: `learn/market/judgments.py`, then `facts.py` (truth), `wants.py` (queries and ratings), and the forms of
queries in `products.py`, `videos.py`, `lives.py`.
"""
