"""Benchmark: calls and memory of the functions at 1,000, 10,000 and 100,000 partners.

``make bench ARGS=size`` runs each function at each size in a process of its own and prints a table;
``ARGS="size --write"`` writes the figures and plots of ``docs/size.md``. Trading Grid and Wix are
generated: each record and row is made from its number when it is asked for, so that the peak of
memory is the function's own.
"""
