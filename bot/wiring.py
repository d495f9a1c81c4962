"""Puts the parts together: from the configuration to a database, a bot and its handlers."""

from typing import Any

from telegram.ext import Application, ApplicationBuilder, ContextTypes, ExtBot

from bot.config import Config, require_token
from channels.telegram.transport import AiohttpRequest
from domain.clock import Clock
from domain.programme import Programme
from domain.question import ApprovalStep
from handlers import register
from handlers.context import Context
from storage.database import Database


def programme_of(config: Config) -> Programme:
    """The programme's rules as the configuration sets them."""
    return Programme(
        name=config.programme.name,
        province=config.programme.province,
        code_prefix=config.programme.code_prefix,
        timezone=config.programme.zone,
        language=config.programme.language,
        working_hours=tuple(f"{span.start:%H:%M}-{span.end:%H:%M}" for span in config.calendar.working_hours),
        weekend=frozenset(config.calendar.weekend),
        assign_days=config.deadlines.assign_days,
        answer_days=config.deadlines.answer_days,
        clarification_days=config.deadlines.clarification_days,
        reopen_days=config.deadlines.reopen_days,
        assign_automatically=config.assignment.auto,
        approval_steps=tuple(ApprovalStep(step) for step in config.approval.steps),
        invitation_days=config.limits.invitation_days,
        question_characters=config.limits.question_characters,
        draft_files=config.limits.draft_files,
        file_megabytes=config.limits.file_megabytes,
    )


def open_database(config: Config, clock: Clock) -> Database:
    return Database(config.storage.url.get_secret_value(), clock=clock, programme=programme_of(config))


def build_application(config: Config) -> Application[Any, Context, Any, Any, Any, Any]:
    """python-telegram-bot with our handlers and transport, without its updater: we receive by ourselves.

    Raises `ConfigurationError` without a token.
    """
    bot: ExtBot[None] = ExtBot(
        token=require_token(config).get_secret_value(),
        base_url=config.telegram.base_url,
        base_file_url=config.telegram.base_file_url,
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(connections=1),
    )
    application: Application[Any, Context, Any, Any, Any, Any] = (
        ApplicationBuilder().bot(bot).updater(None).context_types(ContextTypes(context=Context)).build()
    )
    register(application)
    return application
