"""A real Chromium, driven by W3C WebDriver: what it shows, its picture, what axe finds in it."""

import base64
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from registrar.desk.words import Language

DRIVER = shutil.which("chromedriver")
BROWSER = shutil.which("chromium")

PATIENCE = 10.0
"""Seconds until what is waited for counts as never coming."""

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The name that WebDriver gives an element by."""

KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Escape": "\ue00c"}


class Chromium:
    """One window without head, as a context manager."""

    def __init__(
        self, *, size: tuple[int, int] = (1280, 900), language: Language = "zh-CN"
    ) -> None:
        if DRIVER is None or BROWSER is None:
            raise FileNotFoundError("chromium and chromium-driver, packages of Debian's")
        self._driver = subprocess.Popen(
            [DRIVER, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._http = requests.Session()
        self._http.trust_env = False
        self._base = f"http://127.0.0.1:{self._read_port()}"
        arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--lang={language}",
            f"--accept-lang={language}",
            f"--window-size={size[0]},{size[1]}",
        ]
        options = {"binary": BROWSER, "args": arguments}
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        made = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._base += f"/session/{made['sessionId']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._send("DELETE", "")
        finally:
            self._driver.terminate()
            self._driver.wait()
            self._http.close()

    def open(self, url: str) -> None:
        """Open a page, and wait until it is loaded."""
        self._send("POST", "/url", {"url": url})

    @property
    def url(self) -> str:
        """Where the window is."""
        return str(self._send("GET", "/url"))

    @property
    def text(self) -> str:
        """What a person reads on the page."""
        return str(self.run("return document.body.innerText"))

    def run(self, script: str, *arguments: object) -> Any:
        """Run a script in the page; what it returns."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_until_done(self, script: str, *arguments: object) -> Any:
        """Run a script that calls its last argument with what it gives."""
        return self._send("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def click(self, selector: str) -> None:
        """Click what a CSS selector finds first."""
        self._send("POST", f"/element/{self._find(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        """Type into a field, or name a file."""
        self._send("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def press(self, key: str) -> None:
        """Press and release one key, wherever the focus is."""
        value = KEYS.get(key, key)
        pressed = [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        action = {"type": "key", "id": "keyboard", "actions": pressed}
        self._send("POST", "/actions", {"actions": [action]})

    def wait(self, holds: Callable[[], object]) -> None:
        """Wait until something holds; TimeoutError where it does not."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError(f"never came: {self.url}: {self.text[:2000]}")
            time.sleep(0.02)

    def accept_alert(self) -> None:
        """Say yes to what the page asks."""
        self._send("POST", "/alert/accept", {})

    def add_authenticator(self) -> None:
        """Have the browser own a passkeys' authenticator that always knows its person."""
        about = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
        }
        self._send("POST", "/webauthn/authenticator", about)

    def forget(self) -> None:
        """Drop every cookie of the page's site."""
        self._send("DELETE", "/cookie")

    def set_cookie(self, name: str, value: str) -> None:
        """Have the browser hold a cookie for the page's site."""
        cookie = {"name": name, "value": value, "path": "/"}
        self._send("POST", "/cookie", {"cookie": cookie})

    def set_size(self, width: int, height: int) -> None:
        """Have the window be of another size."""
        self._send("POST", "/window/rect", {"width": width, "height": height})

    def shoot(self, path: Path) -> None:
        """Keep a picture of the page, also of what the window has no room for."""
        metrics = self._command("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": metrics["width"], "height": metrics["height"], "scale": 1}
        options = {"captureBeyondViewport": True, "clip": clip}
        taken = self._command("Page.captureScreenshot", options)
        path.write_bytes(base64.b64decode(taken["data"]))

    def complaints(self) -> list[str]:
        """What the browser has complained of since it was asked last: blocked scripts, errors."""
        log = self._send("POST", "/se/log", {"type": "browser"})
        return [line["message"] for line in log]

    def find_barriers(self, axe: str) -> list[str]:
        """What axe (its source) finds serious or critical on the page."""
        self.run(axe)
        found = self.run_until_done(
            "const done = arguments[arguments.length - 1];"
            "axe.run().then((found) => done(found.violations.map((rule) => ("
            "{impact: rule.impact, id: rule.id, nodes: rule.nodes.map((node) => node.html)}))))"
        )
        return [
            f"{rule['impact']} {rule['id']}: {rule['nodes'][:3]}"
            for rule in found
            if rule["impact"] in ("serious", "critical", "moderate")
        ]

    def _command(self, name: str, parameters: Mapping[str, Any]) -> Any:
        """Ask by the browser's own protocol for what WebDriver has no word for."""
        return self._send("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def _find(self, selector: str) -> str:
        found = self._send("POST", "/element", {"using": "css selector", "value": selector})
        return str(found[ELEMENT])

    def _read_port(self) -> int:
        assert self._driver.stdout is not None
        for line in self._driver.stdout:
            if "successfully on port" in line:
                return int(line.split("on port ")[1].strip().rstrip("."))
        raise RuntimeError("chromedriver has ended")

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self._http.request(method, self._base + path, json=body, timeout=60)
        value = answer.json()["value"]
        if isinstance(value, dict) and "error" in value:
            raise RuntimeError(f"{method} {path}: {value['error']}: {value['message'][:500]}")
        return value
