"""What everybody shares: settings, errors, the engine, its indexes, document models, embedding."""
