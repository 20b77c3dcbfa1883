"""Judgments: who rated which document how high for which query. Read, checked and merged; one reader a file.

chorus   CSV with a header: query,docid,rating   (the Chorus and Quepid export; `souk judgments pool` writes it too)
trec     qrels: qid iteration docid rating, without a header; `_` in the qid stands for a space
wands    the folder, or label.csv beside query.csv, as Wayfair publishes them: tab-separated
esci     shopping_queries_dataset_examples.parquet, as Amazon publishes it
"""

from learn.judgments.model import Counts, Judgment, Judgments
from learn.judgments.reading import FORMATS, Format, read_judgments

__all__ = ["FORMATS", "Counts", "Format", "Judgment", "Judgments", "read_judgments"]
