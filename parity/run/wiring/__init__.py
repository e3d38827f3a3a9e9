"""How the suite is wired into pytest, in its checkout and where it is installed.

Vocabulary  plugin, option, place, annotation, progress, last lines
Imports     parity.run, reports; nothing imports it but pytest and the command
"""
