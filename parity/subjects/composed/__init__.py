"""Networks that a library does not have by their names, put together of the modules that it builds.

Vocabulary  composite (a network as a built module, of a subject's own modules and of the suite's joints)
Imports     the catalogue's networks, the adapter contract; never a library

What is between the modules is the suite's, and runs where the subject runs.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import written
from parity.catalogue.network import Network
from parity.subjects.composed.composite import Composite, composite, needed_by, within
from parity.subjects.contract import Built, Subject, Unsupported


def network_of(module: str, options: Mapping[str, Any]) -> Network | None:
    """Return the network that a module of the catalogue is; None where it is none."""
    page = written().get(module)
    return None if page is None or page.network is None else page.network(**options)


def build(
    subject: Subject,
    module: str,
    options: Mapping[str, Any],
    parameters: Mapping[str, Tensor],
    device: torch.device,
    dtype: torch.dtype,
) -> Built:
    """Build a module of a subject; a network that it does not have is put together of the modules that it builds.

    Raises Unsupported, with a sentence that names it, for a module that the network needs and the subject lacks.
    """
    try:
        return subject.build(module, options, parameters, device, dtype)
    except Unsupported:
        network = None if getattr(subject, "composes", False) else network_of(module, options)
        if network is None:
            raise
    return put_together(subject, module, network, parameters, device, dtype)


def put_together(
    subject: Subject,
    module: str,
    network: Network,
    parameters: Mapping[str, Tensor],
    device: torch.device,
    dtype: torch.dtype,
) -> Composite:
    """Put a network together of the modules that a subject builds; `module` is what it is called."""
    owned = {name: within(name, parameters) for name in network.modules}
    modules = {}
    for name, node in network.modules.items():
        with needed_by(module, node.of):
            modules[name] = subject.build(node.of, node.options, owned[name], device, dtype)
    return composite(module, network, modules, [name for name, own in owned.items() if own])
