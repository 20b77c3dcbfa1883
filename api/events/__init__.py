"""What is written down of searches and shoppers: `writer.py` is the road to the engine, never in an answer's way."""
