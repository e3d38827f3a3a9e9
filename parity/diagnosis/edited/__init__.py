"""One edit away: what a quantity would be if one step of torch's own computation were otherwise.

The gauge knows how to record the kernels of a reference, forward and backward, down to elementary ones. Here such a
*recording* is run again with one *edit*: a factor or a term left out, a sign turned, a number or an operand exchanged.
The *expression* of what a step is called with says which step it was. No module is known by its name.
"""
