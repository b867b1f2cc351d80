"""Inference: the same checks are run by durable_rules and by the reference evaluator, which must agree.

This package handles checks, truth values and outcomes; it reads no JSON and derives no verdict.
"""
