"""The expression language: text, typed tree, three-valued evaluation.

It knows nothing of packs, dossiers or programmes: names and their types come from a `Scope`.
"""
