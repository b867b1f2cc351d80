"""Mutation of a pack: small changes to its rules, one at a time, to see which of them no trial would notice.

A change that survives is a question to whoever writes examples, not a fault of a rule.  Messages are out of scope:
nothing compares them.
"""
