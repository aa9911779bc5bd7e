"""Figures to look at and tables to work with: plots, workbooks and pages, drawn from plain data.

    canvas       a plot as SVG or PNG          caterpillar, gaps, trend, heat    what is plotted
    workbook     a table as XLSX               pages                             a report as PDF

Everything here is a function from data to bytes. Scores are points, 0–100; None is "no figure", and
is drawn as nothing, never as 0.
"""
