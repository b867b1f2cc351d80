"""The impact of a change of a pack as text, as a page with charts, and as data."""
