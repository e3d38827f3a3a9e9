"""The options of torch.nn's constructors that no case of a page sets, each with the reason why."""

import inspect
from collections import defaultdict
from collections.abc import Iterable

from parity.catalogue.page import Page

# Of any module. A page says in `left_out` what is so of its own alone.
EVERYWHERE = {
    "device": "a module is built for the device that a cell names",
    "dtype": "a module is built for the dtype that a cell names",
    "inplace": "it changes an input, which the contract forbids, and no number",
    "size_average": "deprecated: reduction says it",
    "reduce": "deprecated: reduction says it",
    "min_value": "deprecated: min_val says it",
    "max_value": "deprecated: max_val says it",
}


def of_torch(page: Page) -> list[str]:
    """Return the options that torch's constructor takes by name."""
    reference = page.reference
    made = reference.__init__ if inspect.isclass(reference) else reference
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [
        name
        for name, entry in inspect.signature(made).parameters.items()
        if entry.kind in kinds and name != "self" and not name.startswith("_")
    ]


def unexercised(page: Page) -> dict[str, str]:
    """Return the options that no case of a page sets, with the reason; empty where none is said."""
    set_somewhere = {name for case in page.cases for name in case.options}
    reasons = {**EVERYWHERE, **page.left_out}
    return {name: reasons.get(name, "") for name in of_torch(page) if name not in set_somewhere}


def sentences(pages: Iterable[Page]) -> list[str]:
    """Return which options of torch.nn are not exercised: a sentence on those of any module, and one for each other."""
    modules: dict[tuple[str, str], list[str]] = defaultdict(list)
    for page in pages:
        for option, why in unexercised(page).items():
            modules[option, why].append(page.module)
    general = [f"{option} ({why})" for option, why in EVERYWHERE.items() if (option, why) in modules]
    said = [f"no case of any module sets {', '.join(general)}"] if general else []
    own = [entry for entry in sorted(modules.items()) if entry[0] not in EVERYWHERE.items()]
    return said + [f"no case of {', '.join(of)} sets {option}: {why}" for (option, why), of in own]
