"""Walking through everything that matches, page by page, at one point in time."""
