"""The ranking funnel after recall: first stage, features, final stage."""
