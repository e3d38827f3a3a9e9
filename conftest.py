"""The suite's plugin, for pytest in this checkout: wiring only."""

pytest_plugins = ["parity.run.wiring.plugin"]
