"""The rule pack: strict YAML with positions becomes typed rules and dated parameters, or diagnostics.

It knows the rule language and no programme; it never reads a dossier.
"""
