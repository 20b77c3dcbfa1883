"""The HTTP layer: JSON API and search page over the search core. Reading order: app, routes, page, query_params, errors."""
