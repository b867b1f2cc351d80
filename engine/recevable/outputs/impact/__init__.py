"""The impact of a change of a pack, for people and for machines: text, a page with charts, data."""
