"""The HTTP face for machines: collect routes, read routes and the live WebSocket."""
