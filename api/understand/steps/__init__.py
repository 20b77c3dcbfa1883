"""The steps of query understanding, one file each. `chain.py` has their order."""
