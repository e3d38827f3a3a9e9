"""A headless Chromium, driven by its chromedriver over WebDriver's protocol: JSON over HTTP, nothing to install."""

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SECONDS = 60  # that a start of the browser, or one command, may take
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")
NAMES = {"chromedriver": ("chromedriver",), "chromium": ("chromium", "chromium-browser", "google-chrome")}


def missing() -> str:
    """Return in one sentence which program is not installed, and how to get it; empty if all are."""
    lacking = [name for name, known in NAMES.items() if found(known) is None]
    how = "on Debian and Ubuntu: apt-get install chromium chromium-driver"
    return f"the tests of pages need {' and '.join(lacking)}, which PATH does not hold ({how})" if lacking else ""


def found(names: tuple[str, ...]) -> str | None:
    return next((path for path in map(shutil.which, names) if path), None)


class Browser:
    """One window of the browser."""

    def __init__(self, address: str) -> None:
        self.address = address
        asked = {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": list(OPTIONS), "binary": found(NAMES["chromium"])},
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": asked}})
        self.at = f"/session/{made['sessionId']}"
        self.ask("POST", f"{self.at}/timeouts", {"script": 1000 * SECONDS})

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the value of one command; raise ValueError with the driver's own words where it fails."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urlopen(request, timeout=SECONDS) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            raise ValueError(f"{method} {path}: {json.load(error)['value']['message']}") from error

    def open(self, page: Path, fragment: str = "") -> None:
        """Load a page of a file; what the console said before is forgotten."""
        self.console()
        self.ask("POST", f"{self.at}/url", {"url": page.resolve().as_uri() + fragment})

    def run(self, script: str, *words: Any) -> Any:
        """Return what a body of JavaScript returns, of whose arguments the `words` are."""
        return self.ask("POST", f"{self.at}/execute/sync", {"script": script, "args": list(words)})

    def wait_for(self, script: str, *words: Any) -> Any:
        """Return what a body of JavaScript gives to its last argument, a function that it calls when it is done."""
        return self.ask("POST", f"{self.at}/execute/async", {"script": script, "args": list(words)})

    def devtools(self, command: str, **parameters: Any) -> Any:
        return self.ask("POST", f"{self.at}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def show(self, width: int, scheme: str = "light", height: int = 800) -> None:
        """Show pages in a window of this size, in a scheme of colours: light or dark."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def scripts(self, allowed: bool) -> None:
        """Let pages run scripts, or not."""
        self.devtools("Emulation.setScriptExecutionDisabled", value=not allowed)

    def console(self) -> list[str]:
        """Return what the console said since it was last asked."""
        return [entry["message"] for entry in self.ask("POST", f"{self.at}/se/log", {"type": "browser"})]

    def picture(self, path: Path) -> None:
        """Write what the window shows as PNG."""
        path.write_bytes(base64.b64decode(self.ask("GET", f"{self.at}/screenshot")))

    def close(self) -> None:
        self.ask("DELETE", self.at)


@contextmanager
def started() -> Iterator[Browser]:
    """Start the driver and a browser; both end with the block."""
    driver = subprocess.Popen(
        [str(found(NAMES["chromedriver"])), "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        window = Browser(f"http://127.0.0.1:{port(driver)}")
        try:
            yield window
        finally:
            window.close()
    finally:
        driver.terminate()
        driver.communicate(timeout=SECONDS)


def port(driver: "subprocess.Popen[str]") -> str:
    """Return the port that the driver says it listens on."""
    assert driver.stdout is not None
    for line in driver.stdout:
        if "on port" in line and "successfully" in line:
            return line.rstrip(".\n").rpartition(" ")[2]
    raise ValueError("chromedriver ended before it listened")
