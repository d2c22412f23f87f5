"""Pages: which panels, in which order."""
