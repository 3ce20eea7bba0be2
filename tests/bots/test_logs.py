"""What reaches a log, and what never does."""

import asyncio
import gc
import inspect
import io
import json
import logging

import pytest
from telegram.error import TelegramError
from telegram.ext._utils import webhookhandler
from telegram.request import HTTPXRequest

from bots import logs
from bots.answering import Answering
from bots.settings import Settings
from storage import Inbound, Store, StoreError
from tests.storage.conftest import message, sql

TELEGRAM = "123456789:AAE-abcdefghijklmnopqrstuvwxyz_01234"
DISCORD = "MTE4NTc1NjQ4ODk5MTIzNDU2.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB"
INTERACTION = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OTpzZWNyZXQ"
HOOK, PASSWORD = "a-secret-of-my-own", "pa/ss word&1"
SECRETS = (TELEGRAM, DISCORD, INTERACTION, HOOK, PASSWORD)


@pytest.fixture(params=["text", "json"])
def written(request):
    """Begins logging as a host does and returns (what was written, whether it is JSON)."""
    before = logging.root.handlers[:], logging.root.level
    settings = Settings(
        _env_file=None,
        telegram_token="1:short-but-a-secret",
        webhook_secret=HOOK,
        database_url="postgresql+asyncpg://me:pa%2Fss word&1@db/krishna",
        log_format=request.param,
        log_level="debug",
    )
    logs.begin(settings)
    out = io.StringIO()
    logging.root.handlers[0].setStream(out)
    yield out.getvalue, request.param == "json"
    logging.root.handlers[:], logging.root.level = before
    logging.captureWarnings(False)


def test_tokens_are_masked_wherever_they_stand(written):
    text, as_json = written
    log = logging.getLogger("bots.somewhere")
    try:
        try:
            raise OSError(f"POST https://api.telegram.org/bot{TELEGRAM}/sendMessage failed")
        except OSError as error:
            raise RuntimeError(f"https://discord.com/api/v10/webhooks/123456789/{INTERACTION}") from error
    except RuntimeError:
        log.exception("with %s and %s", DISCORD, {"secret": HOOK, "url": f"/bot{TELEGRAM.replace(':', '%3A')}/getMe"})
    log.warning("postgresql://me:%s@db", PASSWORD)
    logging.getLogger("some.library").error("1:short-but-a-secret of the settings")
    assert not [secret for secret in (*SECRETS, TELEGRAM[10:], "1:short-but-a-secret") if secret in text()]
    assert text().count("<token>") == 7
    assert "Traceback" in text() and "RuntimeError" in text()
    if as_json:
        lines = [json.loads(line) for line in text().splitlines()]
        assert [line["level"] for line in lines] == ["ERROR", "WARNING", "ERROR"]
        assert "OSError" in lines[0]["exception"] and "exception" not in lines[1] and "request" not in lines[1]
        assert lines[0]["time"].endswith("+00:00")


def test_every_line_about_a_message_bears_its_key(written):
    text, as_json = written
    log = logging.getLogger("bots.somewhere")

    class Handler:
        @logs.about
        async def handle(self, inbound: Inbound, pause: float) -> None:
            log.info("begun")
            await asyncio.gather(asyncio.create_task(self.deeper(pause)), asyncio.to_thread(log.info, "in a thread"))

        async def deeper(self, pause: float) -> None:
            await asyncio.sleep(pause)
            log.info("a task\nin two lines")

    async def main():
        handler = Handler()
        await asyncio.gather(*(handler.handle(message(n), 0.03 - n / 100) for n in range(3)))
        log.info("about nobody")

    asyncio.run(main())
    if as_json:
        lines = [json.loads(line) for line in text().splitlines()]
        assert len(lines) == 10
        for n in range(3):
            mine = [line["message"] for line in lines if line.get("request") == f"telegram:{n}"]
            assert sorted(mine) == ["a task\nin two lines", "begun", "in a thread"]
    else:
        assert all(text().count(f"[telegram:{n}]") == 3 for n in range(3))
    assert text().splitlines()[-1].count("telegram") == 0


def test_a_database_that_fails_does_not_bring_words_into_the_log(written, tmp_path):
    """Its errors tell the statement; what people wrote would stand among its values."""
    text, _ = written
    file = tmp_path / "krishna.db"
    words = [message(n, user="ann-of-leeds", text="my husband beats me") for n in (7, 8)]

    async def main():
        store = await Store.open(file)
        sql(file, "CREATE TRIGGER broken BEFORE INSERT ON inbox BEGIN SELECT not_there(1); END")
        answering = Answering(type("Dialogue", (), {"receive": store.receive})(), lambda inbound: None, 1.0)
        told = asyncio.create_task(answering.stored(words[0]))
        await asyncio.sleep(0.3)
        told.cancel()
        try:
            await store.receive(words[1])
        except StoreError:
            logging.getLogger("bots").exception("a message on telegram failed")
        await store.close()

    asyncio.run(main())
    assert (
        "a message that came waits for the database" in text()
        and "telegram:7" in text()
        and "Traceback" in text()
        and "inbox" in text()
    )
    assert "husband" not in text() and "leeds" not in text() and "Ann" not in text()


def test_an_error_that_quotes_what_it_could_not_read_loses_its_words(written):
    text, _ = written
    words = "my husband beats me"
    try:
        try:
            try:
                int(words)
            except ValueError:
                {}[words]
        except KeyError as error:
            raise ExceptionGroup("several", [OSError("the disk is full"), error]) from TypeError(words)
    except ExceptionGroup:
        logging.getLogger("bots.somewhere").exception("it failed")
    assert "husband" not in text() and "the disk is full" in text()
    assert all(kind in text() for kind in ("ValueError", "KeyError", "TypeError"))
    assert "in test_an_error_that_quotes" in text()


def test_what_ends_the_program_is_said_in_the_form_of_the_log(written, capsys):
    text, as_json = written
    logs.say("ready")
    logs.complain(StoreError("the database is full"))
    assert logs.failed(RuntimeError(f"a bug of ours, with {TELEGRAM}")) == 1
    assert TELEGRAM not in text() and "a bug of ours" in text()
    if as_json:
        levels = [json.loads(line)["level"] for line in text().splitlines()]
        assert levels == ["INFO", "CRITICAL", "CRITICAL"] and not capsys.readouterr().err
    else:
        assert capsys.readouterr().err == "· ready\nkrishna: the database is full\n"


def test_what_an_operator_is_told_in_either_form_is_masked(written, capsys):
    text, _ = written
    logs.say(f"waiting for a server: http://me:{PASSWORD}@gpu1/v1 does not answer")
    logs.complain(StoreError(f"{HOOK} and {TELEGRAM} stand in what went wrong"))
    told = text() + capsys.readouterr().err
    assert not [secret for secret in SECRETS if secret in told]
    assert told.count("<token>") == 3 and "waiting for a server" in told and "what went wrong" in told


def test_telegrams_library_does_not_log_what_it_could_not_read(written):
    text, _ = written
    words = "my husband beats me"
    with pytest.raises(TelegramError):
        HTTPXRequest.parse_json_payload(words.encode())
    source = inspect.getsource(webhookhandler)
    said = "Something went wrong processing the data received from Telegram. "
    assert said in source and '"Received data was *not* processed! Received data was: %r",' in source
    logging.getLogger("telegram.ext.Updater").critical(
        said + "Received data was *not* processed! Received data was: %r", {"text": words}, exc_info=KeyError("date")
    )
    assert "husband" not in text() and "not* processed!" in text() and "invalid JSON" in text()


def test_what_asyncio_says_of_a_task_or_a_call_holds_no_words(written):
    text, _ = written
    words = "my husband beats me"

    async def fails():
        raise KeyError(words)

    def call(said):
        raise LookupError(said)

    async def main():
        loop = asyncio.get_running_loop()
        task = loop.create_task(fails(), name="a name")
        loop.call_soon(call, "he beats me")
        loop.call_soon(call, """it's "he" who beats me""")
        await asyncio.wait([task])
        del task
        gc.collect()
        future = loop.create_future()
        future.set_exception(KeyError(words))
        del future
        gc.collect()
        await asyncio.sleep(0)

    asyncio.run(main())
    assert "beats" not in text() and "husband" not in text()
    assert "Task exception was never retrieved" in text() and "fails() done" in text() and "KeyError" in text()
    assert text().count("Exception in callback") == 2 and "LookupError" in text()


def test_discord_is_not_said_to_be_behind_by_a_whole_heartbeat(written):
    text, _ = written
    for late in (12.5, 41.3):
        logging.getLogger("discord.gateway").warning(
            "Can't keep up, shard ID %s websocket is %.1fs behind.", None, late
        )
    logging.getLogger("discord.gateway").warning("Shard ID %s heartbeat blocked for more than %s seconds.", None, 60.0)
    assert "12.5s" in text() and "60.0" in text() and "41.3s" not in text()
