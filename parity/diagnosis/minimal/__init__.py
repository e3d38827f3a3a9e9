"""The smallest case that still fails, and a script of a few lines that shows it.

Vocabulary  act (what a script does to a module), fault (its kind), space (of smaller cases), smallest case, script,
            doubt (why a script would mislead: it is tried before it is kept), stand-in
Imports     parity.contract's layouts, parity.verdict; hypothesis does the shrinking
"""

from parity.diagnosis.minimal.script import script as script
from parity.diagnosis.minimal.shown import shown as shown
from parity.diagnosis.minimal.shown import with_script as with_script
from parity.diagnosis.minimal.shrink import elements as elements
from parity.diagnosis.minimal.shrink import smallest as smallest
