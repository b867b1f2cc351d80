"""What the tools on a pack found, written for people and for machines: one module per tool, one per format.

Imports run downwards: this package reads what `lint` and `trials` return, and nothing but the command line and the
documentation reads it.
"""
