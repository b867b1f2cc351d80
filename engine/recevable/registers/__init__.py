"""Adapters to external registers: counts of their contents, with proofs that can be checked again.

One package per register, independent of the engine, of each other and of any programme; only the command line imports
them, when needed.  The rest of the software only uses `contract`.
"""
