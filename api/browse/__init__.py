"""Finding without words: what is like an item, the tree of categories, the values of a facet."""
