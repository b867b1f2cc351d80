"""Drawings embedded in pages: SVG as text, with the colours of the light and dark themes."""
