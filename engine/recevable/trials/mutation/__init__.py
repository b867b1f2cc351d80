"""Mutation testing of a pack: make small changes to its rules, one at a time, and find those that no trial detects.

A surviving change asks for another example; it is not a fault of a rule.  Messages are not mutated, since no trial
compares them.
"""
