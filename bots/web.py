"""The server of HTTP for those who watch the host: what watch.py tells, and the operator's page."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator

from aiohttp import web

from bots import logs, metrics
from bots.page import Page
from bots.settings import ConfigurationError, Settings
from bots.watch import Watch


@contextlib.asynccontextmanager
async def watched(settings: Settings) -> AsyncIterator[tuple[Watch, Page]]:
    """Answer those who watch, from before the model is loaded to the end. Raises ConfigurationError."""
    mask = logs.Mask(logs.secrets(settings))
    watch, recent = Watch(mask), logs.Recent(mask)
    page = Page(settings, watch, recent)
    if not settings.http_listen:
        yield watch, page
        return
    metrics.expect(
        name
        for name, token in (("telegram", settings.telegram_token), ("discord", settings.discord_token))
        if token is not None
    )
    app = web.Application()
    app.add_routes([*page.routes(), *watch.routes()])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    logging.root.addHandler(recent)
    try:
        host, _, port = settings.http_listen.rpartition(":")
        try:
            await web.TCPSite(runner, host.strip("[]"), int(port)).start()
        except (OSError, ValueError, OverflowError) as error:
            raise ConfigurationError(
                f"nobody can watch on {settings.http_listen} ({error}); set KRISHNA_HTTP_LISTEN to a free address:port"
            ) from error
        yield watch, page
    finally:
        logging.root.removeHandler(recent)
        await runner.cleanup()
