"""The rule pack: reads strict YAML into typed rules and dated parameters, or reports diagnostics.

This package depends on the rule language, is independent of any programme, and never reads a dossier.
"""
