"""Drawings that a page holds: SVG written out as text, whose colours are those of the theme, by day and by night."""
