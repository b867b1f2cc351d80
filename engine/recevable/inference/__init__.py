"""Inference: the same checks answered by durable_rules and by the reference evaluator, which must agree.

It knows checks, truth values and outcomes; it knows neither JSON nor how a verdict is drawn from outcomes.
"""
