"""From outcomes to a decision: verdict, findings, amounts with their steps, recovery, appraisals, repair, receipt.

It knows how a decision is built and no programme; it prints nothing.
"""
