"""Panels: ids, layout and one callback each."""
