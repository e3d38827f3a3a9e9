"""Every form."""

from parity.diagnosis.edited.forms import activations, losses

FORMS = (*activations.FORMS, *losses.FORMS)
