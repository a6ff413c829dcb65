"""One module for each resource; its `router(resources)` gives the routes."""
