"""Builds, from the configuration, the programme's rules, the database and the pace."""

from types import MappingProxyType

from bot.config import Config, LinkHost
from bot.loops.broadcaster import Broadcaster
from bot.loops.pace import Pace
from channels.outgoing import Channel
from domain.clock import Clock
from domain.episodes.links import LinkHosts
from domain.programme import IntakeNotify, Programme
from domain.questions.life import ApprovalStep
from storage.engine.database import Database


def programme_of(config: Config) -> Programme:
    """Return the programme's rules as the configuration sets them."""
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
        script_plan_days=config.deadlines.script_plan_days,
        reopen_days=config.deadlines.reopen_days,
        max_extension_days=config.deadlines.max_extension_days,
        correction_days=config.deadlines.correction_days,
        remind_before_days=config.reminders.before_days,
        remind_between=(config.reminders.send_between.start, config.reminders.send_between.end),
        leader_after_days=config.reminders.leader_after_days,
        editors_after_days=config.reminders.editors_after_days,
        asker_after_days=config.reminders.asker_after_days,
        intake_notify=IntakeNotify(config.intake.notify),
        daily_digest=config.digests.daily,
        weekly_digest=config.digests.weekly,
        evening_at=config.subscriptions.evening_at,
        minutes_before_airing=config.subscriptions.minutes_before,
        quiet_hours=(config.subscriptions.quiet_hours.start, config.subscriptions.quiet_hours.end),
        subscribers_digest=config.subscriptions.digest_at,
        calendar_address=config.http.calendar_address,
        provincial_office=config.episodes.provincial_office,
        script_plan_template=config.episodes.script_plan_template,
        link_hosts=_link_hosts(config.episodes.link_hosts),
        assign_automatically=config.assignment.auto,
        reply_submits=config.approval.reply_submits,
        correct_alone=config.approval.correct_alone,
        approval_steps=tuple(ApprovalStep(step) for step in config.approval.steps),
        undo_seconds=config.approval.undo_seconds,
        hold_minutes=config.broadcasts.hold_minutes,
        second_editor_above=config.broadcasts.second_editor_above,
        invitation_days=config.limits.invitation_days,
        block_days=config.limits.block_days,
        question_characters=config.limits.question_characters,
        draft_files=config.limits.draft_files,
        file_megabytes=config.limits.file_megabytes,
        messages_per_minute=config.limits.messages_per_minute,
        staff_messages_per_minute=config.limits.staff_messages_per_minute,
        questions_per_day=config.limits.questions_per_day,
        files_per_day=config.limits.files_per_day,
        staff_files_per_day=config.limits.staff_files_per_day,
        inbox_days=config.privacy.inbox_days,
        outbox_days=config.privacy.outbox_days,
        draft_days=config.privacy.draft_days,
        identity_years=config.privacy.identity_years,
        protect_cards=config.privacy.protect_cards,
        second_editor=config.privacy.second_editor,
        audit_keys=tuple(key.get_secret_value() for key in config.privacy.audit_keys),
    )


def _link_hosts(listed: tuple[LinkHost, ...]) -> LinkHosts:
    kinds = dict.fromkeys(one.kind for one in listed)
    return MappingProxyType({kind: tuple(one.host for one in listed if one.kind is kind) for kind in kinds})


def open_database(config: Config, clock: Clock) -> Database:
    return Database(config.storage.url.get_secret_value(), clock=clock, programme=programme_of(config))


def paces_of(config: Config) -> dict[str, Pace]:
    """Return the pace of each channel, by its name."""
    telegram = config.telegram
    pace = Pace(telegram.messages_per_second, config.limits.chat_seconds, telegram.paid_messages_per_second)
    return {"telegram": pace}


def broadcaster_of(
    config: Config, database: Database, channels: dict[str, Channel], paces: dict[str, Pace]
) -> Broadcaster:
    """Build the broadcaster: at the common pace, or at its own.

    A province may pay the messenger for a higher pace of broadcasts.
    """
    telegram = config.telegram
    paid = telegram.paid_broadcasts
    per_second = telegram.paid_messages_per_second if paid else telegram.messages_per_second
    return Broadcaster(database, channels, paces, per_second=per_second, paid=paid)
