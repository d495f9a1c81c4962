"""The peer: the shortest echo bot that python-telegram-bot makes, on its stock transport.

It keeps nothing.

`python -m bench.echo BASE_URL polling|concurrent|webhook [PORT]`. For broadcasts, `loop COUNT`: a loop that sends,
over our transport.
"""

import asyncio
import logging
import sys
from typing import Any

from telegram import Bot, Update
from telegram.ext import Application, ApplicationBuilder, ContextTypes, MessageHandler, filters

from bench.messenger import TEXT
from channels.telegram.transport import AiohttpRequest


async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message is not None
    await update.message.reply_text(update.message.text or "")


async def send_in_a_loop(base_url: str, count: int) -> None:
    bot = Bot("1:bench", base_url=f"{base_url}/bot", request=AiohttpRequest())
    async with bot:
        for chat in range(1, count + 1):
            await bot.send_message(chat, TEXT)


def main(base_url: str, mode: str, port: int) -> None:
    logging.basicConfig(level=logging.ERROR)
    if mode == "loop":
        asyncio.run(send_in_a_loop(base_url, port))
        return
    builder = ApplicationBuilder().token("1:bench").base_url(f"{base_url}/bot")
    if mode == "concurrent":
        # As many connections as updates: with the stock pool, answers are lost to its timeout and a turn never ends.
        builder = builder.concurrent_updates(256).connection_pool_size(256).pool_timeout(60)
    application: Application[Any, Any, Any, Any, Any, Any] = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    if mode == "webhook":
        application.run_webhook(
            "127.0.0.1",
            port,
            url_path="hook",
            webhook_url=f"http://127.0.0.1:{port}/hook",
            secret_token="s" * 16,
        )
    else:
        application.run_polling()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int((sys.argv[3:] or ["0"])[0]))
