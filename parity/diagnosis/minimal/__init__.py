"""The smallest case that still fails, and a script of a few lines that shows it.

Vocabulary  space (of smaller cases), smallest case, script
Imports     parity.verdict; hypothesis does the shrinking
"""

from parity.diagnosis.minimal.script import script as script
from parity.diagnosis.minimal.shown import shown as shown
from parity.diagnosis.minimal.shrink import elements as elements
from parity.diagnosis.minimal.shrink import smallest as smallest
