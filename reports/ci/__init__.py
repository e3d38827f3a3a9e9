"""What a service that runs checks shows of a run: a summary of a job, and annotations of files.

Vocabulary  summary, annotation
Imports     the records and the verdict of a parity run
"""
