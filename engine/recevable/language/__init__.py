"""The expression language: text, typed tree, three-valued evaluation.

This package is independent of packs, dossiers and programmes: names and their types come from a `Scope`.
"""
