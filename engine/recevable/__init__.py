"""recevable: a rules-as-code compliance checker for public funding programmes.

The package reads declarative rules (YAML), evaluates them against a dossier (JSON) and answers accept, complete or
reject with reasons, sources and amounts.  It knows no programme by name: a programme is a folder of data.
"""

__version__ = "0.1.0"
