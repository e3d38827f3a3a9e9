"""The front page: the picture and the table by which README says what is proven, made of published records.

Vocabulary  proof, picture
Imports     the rooms of Markdown, whose sentences and figures it shows
"""
