"""What the words of a command line mean; a word that names nothing is an error with the nearest one that does.

Vocabulary  word, name, complaint
Imports     nothing of ours but what sets words on a page
"""
