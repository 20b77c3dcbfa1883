"""Shoppers of a generated market: what they ask, what they are shown, what they do."""
