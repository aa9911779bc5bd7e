"""Numbered steps from an empty database to the present tables, written once and never edited.

They are frozen: nothing here imports the models, which go on changing.
"""
