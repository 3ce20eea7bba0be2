"""The operator's page in a real Chromium: let in by a link, live while people talk, its button pressed, and looked at.

The pictures are kept where KRISHNA_PICTURES says, for whoever wants to look as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import tempfile
import time
from pathlib import Path

from core.engine import EngineStats
from storage import StoreError
from tests.bots.engines import ScriptedEngine
from tests.bots.telegram.talk import talking
from tests.bots.test_page import served
from tests.programs import needs, program

CHROMIUM, DRIVER = program("chromium"), program("chromedriver")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--hide-scrollbars"),
)
PHONE, DESK = (390, 844), (1100, 800)
pytestmark = needs(CHROMIUM and DRIVER, "Chromium (on Debian: apt-get install chromium chromium-driver)")


@contextlib.contextmanager
def browser():
    """A Chromium with an empty profile."""
    from selenium import webdriver

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
        try:
            yield driver
        finally:
            driver.quit()


class Busy(ScriptedEngine):
    """Says that it has work."""

    def stats(self):
        return EngineStats(
            "gemma-3n-E4B-it", 8, self.busy, self.queued, 31.4 * self.busy, 0, None, queue=256, wait_s=9.0
        )


def look(driver, size, scheme, name):
    """The page at a width, in light or dark. Nothing may stick out. Returns its PNG."""
    width, height = size
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width
    whole = driver.execute_script("return document.documentElement.scrollHeight")
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": whole, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    picture = driver.get_screenshot_as_png()
    if folder := os.environ.get("KRISHNA_PICTURES"):
        (Path(folder) / f"{name}-{scheme}.png").write_bytes(picture)
    return picture


def test_the_page_as_an_operator_sees_it(tmp_path, tokenizer):
    for name in ("lora-1", "lora-2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "adapter_config.json").write_text("{}")
    engine = Busy(tokenizer)

    def days_before(file, conversations):
        """Turns of the last two weeks, so that there is something to see."""
        columns = "platform, update_id, chat_id, conversation, user_id, question, answer, status, verses, created_at"
        with contextlib.closing(sqlite3.connect(file, timeout=10)) as database, database:
            for day, count in enumerate(conversations):
                for i in range(count):
                    row = (
                        "telegram",
                        f"{day}.{i}",
                        "x",
                        f"c{i}",
                        str(i),
                        "q",
                        "a",
                        "done",
                        "[]",
                        time.time() - 86_400 * day,
                    )
                    times = 0.4 + 0.05 * i, 6 + 0.3 * i
                    database.execute(
                        f"INSERT INTO turns ({columns}, first_token_s, total_s) VALUES ({','.join('?' * 12)})",
                        row + times,
                    )

    def drive(link, base, loop):
        from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
        from selenium.webdriver.common.by import By
        from selenium.webdriver.support.ui import WebDriverWait

        with browser() as driver:
            # the page replaces itself at any moment: it is read in one step, and what it took away is looked for again
            read = "return document.querySelector(arguments[0])?.innerText ?? ''"
            text = lambda part="body": driver.execute_script(read, part)  # noqa: E731
            wait = WebDriverWait(driver, 10, 0.1, (NoSuchElementException, StaleElementReferenceException))
            until = lambda true: wait.until(lambda _: true())  # noqa: E731
            press = lambda name: until(  # noqa: E731
                lambda: driver.find_element(By.XPATH, f"//button[.='{name}']").click() or True
            )
            driver.get(f"{base}/")
            assert "opens with a link that works once" in text()
            driver.get(link)
            until(lambda: "Conversations a day" in text())
            assert driver.current_url == f"{base}/" and "ready" in text("#state")
            assert driver.get_cookies()[0]["httpOnly"] and driver.get_cookies()[0]["sameSite"] == "Strict"
            assert driver.execute_script("return document.cookie") == ""
            # live, without a reload, and without losing what is being typed
            field = driver.find_element(By.NAME, "path")
            field.send_keys(str(tmp_path / "lora-2"))
            engine.busy, engine.queued = 5, 3
            until(lambda: "5 of 8" in text("#now") and "3 of 256" in text("#now") and "157.0" in text("#now"))
            log = logging.getLogger("bots.answering")
            log.error("a message cannot be stored, next try in %.0f s: %s", 4.0, StoreError("disk full"))
            until(lambda: "next try in 4 s" in text("#errors"))
            assert field.get_attribute("value") == str(tmp_path / "lora-2")
            press("Answer with it")
            until(lambda: "lora-2 answers from now on" in text())
            assert engine.adapters == ("lora-2",)
            pictures = {
                look(driver, size, scheme, name)
                for name, size in (("phone", PHONE), ("desk", DESK))
                for scheme in ("light", "dark")
            }
            assert len(pictures) == 4
            press("Back to the base")
            until(lambda: "the base answers from now on" in text())
            # a host that is gone is told, and what it said last stays
            asyncio.run_coroutine_threadsafe(gone(), loop).result(10)
            until(lambda: "does not answer" in text("header"))
            assert "5 of 8" in text("#now")
            loud = [
                entry["message"]
                for entry in driver.get_log("browser")
                if "ERR_CONNECTION_REFUSED" not in entry["message"]
            ]
            assert all("401" in message for message in loud), loud  # no violation of the policy among them

    async def main():
        nonlocal gone
        async with contextlib.AsyncExitStack() as stack:
            talk = await stack.enter_async_context(talking(tmp_path, engine))
            days_before(tmp_path / "krishna.db", (13, 14, 11, 9, 17, 22, 8, 12, 15, 0, 6, 9, 4, 2))
            talk.server.private(7, "What is duty?")
            await talk.answer(7)
            page = contextlib.AsyncExitStack()
            stack.push_async_exit(page)
            client, one, _ = await page.enter_async_context(served(talk.dialogue, adapter=tmp_path / "lora-1"))
            gone = page.aclose
            log = logging.getLogger("bots.telegram.adapter")
            log.warning("Telegram cannot be reached, next try in %.0f s: %s", 4.0, TimeoutError())
            logging.getLogger("discord.gateway").error("Attempting a reconnect", exc_info=ConnectionResetError())
            await asyncio.to_thread(drive, one.link(), str(client.base_url).rstrip("/"), asyncio.get_running_loop())

    gone = None
    asyncio.run(main())
