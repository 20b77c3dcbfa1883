"""Search: request → understand → recall → fuse → blend → present. Start reading at `api/search.py`."""
