"""Adapters to outside registers: what they hold, counted, with proofs that can be checked again.

One package per register, apart from the engine and from each other: they know formats and no funding programme, and
only the command line imports them, late.  `contract` is all that the rest knows of them.
"""
