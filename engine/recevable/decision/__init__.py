"""Build the decision from rule outcomes: verdict, findings, amounts with their steps, recovery, appraisals, receipt.

This package is independent of any programme and prints nothing.
"""
