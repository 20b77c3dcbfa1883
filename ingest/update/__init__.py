"""`souk ingest --update`: partial records. Fast fields go to signals, the others are merged into the document."""
