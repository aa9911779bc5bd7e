"""Faults: the real processes, killed, hung and starved while phones sync over good and bad lines.

A short form of each runs with all tests; `make soak` runs the long ones, and prints what it did.
"""
