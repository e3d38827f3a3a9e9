"""Parts of a run, of several shards or machines, joined into one report; what would mislead is refused.

Vocabulary  part, cell, terms
Imports     the records, their readers, the renderer of a folder
"""
