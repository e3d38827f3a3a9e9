"""The sweep: a subject in configurations that nobody chose, as many as there is time for.

Vocabulary  configuration (the one cell with a number, drawn from a page's space), chunk (the configurations of a range
            of numbers, done as one work), tally (what a chunk counted), scheduler (what does chunks: processes here, or
            the workers of a cluster)
Imports     parity.run and what stands below it, and the records of reports.sweep
"""
