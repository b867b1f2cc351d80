"""The results of the tools on a pack, as text and as data: one module per tool, one per format.

This package reads the results of `lint` and `trials`; only the command line and the documentation import it.
"""
