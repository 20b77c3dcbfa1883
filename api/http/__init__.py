"""The HTTP layer: JSON API and search page over the search core. Read app, routes, page, query_params, errors."""
