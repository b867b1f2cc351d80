"""A decision or a diagnostic, for a reader: French text, JSON, one JSON line.

It decides nothing and reads no file.
"""
