"""Pure query building: a request and the rules → OpenSearch bodies. A file per component; `recall.py` joins them."""
