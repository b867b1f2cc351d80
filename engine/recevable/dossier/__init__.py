"""The dossier: JSON bytes become validated data and typed facts, or diagnostics with a position.

It knows JSON, JSON Schema and the types of the language; it knows no rule and no programme.
"""
