"""A person before a browser, who notices every request to another host and every violation of the page's policy."""

from pathlib import Path
from urllib.parse import urlsplit

# The rows after these are made like them, and each costs as much to judge as the first.
ROWS_LIKE_OTHERS = "tbody tr:nth-child(n+9)"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


class Eyes:
    def __init__(self, browser, address: str, shots: Path, size, options, *, wait_for_code) -> None:
        self.address, self.shots, self.complaints = address, shots, []
        self.wait_for_code = wait_for_code
        self.context = browser.new_context(
            viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", **options
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("request", self._request)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))

    def _request(self, request) -> None:
        if urlsplit(request.url).scheme not in ("data", "blob") and not request.url.startswith(self.address):
            self.complaints.append(f"fetched from elsewhere: {request.url}")

    def _console(self, message) -> None:
        if "Content Security Policy" in message.text or "Refused to" in message.text:
            self.complaints.append(f"violation: {message.text}")

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def press(self, text: str) -> None:
        self.page.locator(f"main >> text='{text}'").first.click()

    def sign_in(self, login: str, password: str) -> None:
        self.wait_for_code()
        self.go("/login")
        self.page.fill("#login", login)
        self.page.fill("#password", password)
        self.page.click("main button")
        if self.page.url.partition("?")[0].endswith("/second-factor"):
            self.page.fill("#code", self.page.inner_text(".notice b"))
            self.page.click("main button")

    def shot(self, name: str) -> None:
        self.shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.shots / f"{name}.png", full_page=True)

    def barriers(self) -> list[str]:
        """What axe finds against WCAG 2.2 AA on the page as it is shown; long tables are cut off, in the page too."""
        from axe_playwright_python.sync_playwright import Axe

        self.page.evaluate(
            "rows => document.querySelectorAll(rows).forEach(row => row.remove())", ROWS_LIKE_OTHERS
        )
        self.page.evaluate(Axe().axe_script)
        found = self.page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        return [
            f"{self.page.url}: {each['id']}: {each['nodes'][0]['html'][:160]} {each['nodes'][0]['failureSummary']}"
            for each in found["violations"]
        ]

    def close(self) -> None:
        self.context.close()
