"""The dossier: reads JSON bytes into validated data and typed facts, or diagnostics with positions.

This package handles JSON, JSON Schema and the types of the language; it is independent of rules and programmes.
"""
