"""Rows as each released schema held them: written once, when it was released, and left as they are.

(table, columns) in the order in which they can be written; ids count from 1 in each table. A new migration that
adds a column or a table gets rows of its own here once it is released.
"""

from datetime import date, datetime, time
from typing import Any

Line = tuple[str, dict[str, Any]]


def _at(day: int, hour: int = 2, month: int = 10) -> datetime:
    """A moment of 2026 as it is stored: UTC, without saying so. 02:00 is 09:00 in programme time."""
    return datetime(2026, month, day, hour)  # noqa: DTZ001


def _row(table: str, **columns: Any) -> Line:
    return table, columns


def _person(address: str | None, name: str, **rest: Any) -> Line:
    channel = "telegram" if address else "post"
    known = {"channel": channel, "address": address, "display_name": name, "language": "vi"}
    return "people", known | {"created_at": _at(1)} | rest


def _question(number: int, status: str, **rest: Any) -> Line:
    known = {"year": 2026, "number": number, "status": status, "secrecy": "none", "emergency": False}
    known |= {"channel": "telegram", "asker_id": ASKER, "field_code": "dat-dai"}
    return "questions", known | {"received_at": _at(26), "assign_due_at": _at(29, 10)} | rest


def _entry(question: int, kind: str, author: int, text: str | None) -> Line:
    return _row("entries", question_id=question, kind=kind, author_id=author, text=text, at=_at(27))


def _event(question: int, event: str, actor: int | None, role: str, **details: Any) -> Line:
    who = {"actor_id": actor, "actor_role": role}
    return _row(
        "history", question_id=question, at=_at(27), event=event, entry_id=None, details=details, **who
    )


def _lead(question: int) -> Line:
    lead = {"agency_id": 1, "part": "lead", "agency_name": "Sở NN&MT"}
    return _row("assignments", question_id=question, assigned_at=_at(26), **lead)


def _sent_to_editor(kind: str, content: dict[str, Any], **rest: Any) -> Line:
    to = {"channel": "telegram", "address": "103", "person_id": EDITOR, "lane": 1}
    at = {"not_before": _at(1), "queued_at": _at(31)}
    return "outbox", to | {"kind": kind, "content": content} | at | rest


ASKER, WRITER, EDITOR, OFFICER, LEADER, ADMIN = range(1, 7)
NEW, ASSIGNED, WAITING, ANSWERED, POSTED = range(1, 6)  # questions, by their ids and numbers
LIMITED = 6  # of 0002
GONE = 7  # a person of 0006, erased
SEAL = "44614c5dff2dcb99c073c8f52e977a4ae77dd46917ee3835877cb6574ae98078"  # as it was reckoned then

OLD_ROWS: dict[str, list[Line]] = {
    "0001": [
        _row("agencies", code="SNNMT", name="Sở Nông nghiệp", short_name="Sở NN&MT", level="province"),
        _row("agencies", code="SXD", name="Sở Xây dựng", short_name="Sở XD", level="province"),
        _row("agency_aliases", agency_id=1, alias="Sở Tài nguyên", kind="predecessor"),
        _row("agency_successors", agency_id=2, successor_code="SNNMT"),
        _row("fields", code="dat-dai", position=1, name="Đất đai", name_en="Land", communal=False),
        _row("agency_fields", agency_id=1, field_code="dat-dai"),
        _row("days", date=date(2026, 10, 10), kind="work", note="Bù"),
        _row("facts", key="bot_name", value="danhoi_bot"),
        _row("code_numbers", year=2026, last=6),  # the sixth is a row of 0002
        _person("101", "Mai", full_name="Trần Thị Mai", home_address="12 Lê Lợi", contact="0901234567"),
        _person(None, "Ông Tám", full_name="Nguyễn Văn Tám", contact="Hộp thư 7"),
        _person("103", "Biên tập"),
        _person("104", "Cán bộ"),
        _person("105", "Lãnh đạo", unreachable_at=_at(20)),
        _person("106", "Quản trị", language="en"),
        _row("consents", person_id=ASKER, kind="processing", version="2026-10", given_at=_at(26)),
        _row("roles", person_id=EDITOR, role="editor", granted_at=_at(1)),
        _row("roles", person_id=OFFICER, role="officer", agency_id=1, granted_at=_at(1)),
        _row("roles", person_id=LEADER, role="leader", agency_id=1, granted_at=_at(1)),
        _row("roles", person_id=ADMIN, role="admin", granted_at=_at(1)),
        _row(
            "invitations",
            digest="d" * 64,
            role="officer",
            agency_id=1,
            uses_left=1,
            expires_at=_at(30, month=11),
            created_at=_at(26),
            created_by=ADMIN,
        ),
        _row(
            "conversations",
            person_id=ASKER,
            step="ask.name",
            data={"parts": ["Hỏi về đất"]},
            updated_at=_at(30),
        ),
        _question(NEW, "received", assign_due_at=_at(4, 10, 11)),
        _question(ASSIGNED, "assigned", lead_agency_id=1, due_at=_at(9, 10, 11)),
        _question(WAITING, "waiting", lead_agency_id=1, due_at=_at(9, 10, 11), remaining_days=4),
        _question(
            ANSWERED,
            "answered",
            lead_agency_id=1,
            due_at=_at(9, 10, 11),
            answered_at=_at(28),
            answer_id=1,
            published_at=_at(29),
        ),
        _question(POSTED, "received", channel="post", asker_id=WRITER, assign_due_at=_at(4, 10, 11)),
        _entry(NEW, "question", ASKER, "Khi nào có sổ đỏ?"),
        _entry(ASSIGNED, "question", ASKER, "Đường trước nhà ngập."),
        _entry(WAITING, "question", ASKER, "Hồ sơ của tôi tới đâu?"),
        _entry(WAITING, "clarification", OFFICER, "Số hồ sơ nào?"),
        _entry(ANSWERED, "question", ASKER, "Trạm y tế mở mấy giờ?"),
        _entry(ANSWERED, "draft", OFFICER, "Từ 7 giờ."),
        _entry(ANSWERED, "rating_words", ASKER, None),  # erased
        _entry(POSTED, "question", WRITER, "Xin hỏi về thuế đất."),
        _lead(ASSIGNED),
        _lead(WAITING),
        _lead(ANSWERED),
        _row("clarifications", question_id=WAITING, entry_id=4, asked_at=_at(30), reply_by=_at(6, 10, 11)),
        _row(
            "drafts",
            question_id=ANSWERED,
            entry_id=6,
            official_letter="12/SNNMT",
            submitted_by=OFFICER,
            submitted_at=_at(27),
            outcome="answered",
        ),
        _row("approvals", draft_id=1, step="leader", approver_id=LEADER, at=_at(27)),
        _row("approvals", draft_id=1, step="editor", approver_id=EDITOR, at=_at(28)),
        _row("ratings", question_id=ANSWERED, person_id=ASKER, stars=5, entry_id=7, at=_at(29)),
        *[
            _event(number, "received", ASKER, "asker", to="received")
            for number in (NEW, ASSIGNED, WAITING, ANSWERED)
        ],
        _event(POSTED, "entered", EDITOR, "editor", to="received"),
        _event(
            ASSIGNED,
            "assigned",
            EDITOR,
            "editor",
            to="assigned",
            agency="SNNMT",
            due_to="2026-11-09T10:00:00+00:00",
        ),
        _event(ANSWERED, "answered", EDITOR, "editor", to="answered"),
        _row(
            "files",
            person_id=ASKER,
            question_id=NEW,
            entry_id=1,
            kind="photo",
            remote_id="abc",
            name="ảnh.jpg",
            checksum="c" * 64,
            size=5,
            state="kept",
            next_try_at=_at(26),
            created_at=_at(26),
        ),
        _row("inbox", update_id=7, chat="101", payload="{}", received_at=_at(31), state="waiting"),
        _row("inbox", update_id=6, chat="101", payload="{}", received_at=_at(31), state="parked"),
        *[
            _row(
                "outbox",
                channel="telegram",
                address="101",
                person_id=ASKER,
                lane=1,
                kind="text",
                state=state,
                content={"html": f"Kính chào bà ({state})", "buttons": []},
                question_id=NEW,
                not_before=_at(1),
                queued_at=_at(31),
            )
            for state in ("queued", "sent", "held")
        ],
    ],
    "0002": [
        _question(
            LIMITED,
            "accepted",
            lead_agency_id=1,
            due_at=_at(9, 10, 11),
            due_since=date(2026, 10, 26),
            due_days=10,
            assign_since=date(2026, 10, 26),
            assign_days=3,
        ),
        _entry(LIMITED, "question", ASKER, "Bao giờ sửa cầu?"),
        _entry(LIMITED, "extension_reason", OFFICER, "Chờ khảo sát."),
        _entry(ANSWERED, "promise", OFFICER, "Sửa xong trước 30/11."),
        _lead(LIMITED),
        _event(LIMITED, "received", ASKER, "asker", to="received"),
        _row("extensions", question_id=LIMITED, entry_id=10, days=5, asked_by=OFFICER, asked_at=_at(30)),
        _row(
            "promises",
            question_id=ANSWERED,
            entry_id=11,
            agency_id=1,
            due_at=_at(30, 10, 11),
            made_at=_at(28),
        ),
        _row("confirmed_years", year=2027, confirmed_at=_at(30), confirmed_by=ADMIN),
        _row(
            "agency_groups",
            agency_id=1,
            channel="telegram",
            address="-1001",
            title="Tổ trả lời",
            linked_by=OFFICER,
            linked_at=_at(30),
        ),
        _row("occasions", recipient=f"person:{OFFICER}", kind="reminders", occasion="2026-10-30", at=_at(30)),
        _row(
            "reminders",
            recipient=f"person:{OFFICER}",
            matter="answer",
            subject_id=ASSIGNED,
            due_on=date(2026, 11, 9),
            rung="before_3",
            at=_at(30),
            outbox_id=2,
        ),
    ],
    # 0003 adds an index only.
    "0004": [
        _row(
            "slots", code="A24", channel="ATV", medium="tv", weeks="1|3", weekday=5, at=time(20), minutes=30
        ),
        _row(
            "slots", code="A24-R", channel="FM 93,1", medium="radio", at=time(7), repeat_of_id=1, days_after=1
        ),
        _row(
            "episodes",
            year=2026,
            number=21,
            title="Đất đai ở nông thôn",
            field_code="dat-dai",
            recording_at=_at(18, 2, 11),
            recording_place="Trường quay 1",
            plan_due_at=_at(11, 10, 11),
            created_at=_at(20),
            created_by=EDITOR,
        ),
        _row(
            "airings",
            slot_id=1,
            rule_on=date(2026, 11, 21),
            kind="first",
            starts_at=_at(22, 13, 11),
            channel="ATV",
            medium="tv",
            status="moved",
            reason="Tường thuật trực tiếp",
            episode_id=1,
            changes=1,
            changed_at=_at(29),
            changed_by=EDITOR,
        ),
        _row(
            "episode_guests",
            episode_id=1,
            agency_id=1,
            agency_name="Sở NN&MT",
            name="Trần Văn Bốn",
            position="Phó Giám đốc",
            added_at=_at(29),
        ),
        _row(
            "episode_questions",
            episode_id=1,
            question_id=ANSWERED,
            position=1,
            on_air="Trạm y tế mở cửa lúc mấy giờ?",
            chosen_at=_at(29),
            chosen_by=EDITOR,
        ),
        _row(
            "script_plans",
            episode_id=1,
            version=1,
            document=b"PK",
            due_at=_at(11, 10, 11),
            sent_at=_at(30),
            sent_by=EDITOR,
        ),
        _row("plan_receipts", plan_id=1, agency_id=1, agency_name="Sở NN&MT", due_at=_at(3, 10, 11)),
        _row(
            "links",
            episode_id=1,
            kind="youtube",
            url="https://youtube.com/watch?v=a",
            added_at=_at(30),
            added_by=EDITOR,
        ),
        _row("link_moments", link_id=1, question_id=ANSWERED, seconds=95),
        _row("link_views", link_id=1, day=date(2026, 10, 30), views=3_000_000_000, recorded_at=_at(30)),
        _row("subscribers", person_id=ASKER, daily=True, digested_until=_at(30)),
        _row("subscriptions", person_id=ASKER, topic="field:dat-dai", since=_at(28)),
        _row(
            "consents",
            person_id=ASKER,
            kind="subscription",
            version="2026-10",
            topic="field:dat-dai",
            given_at=_at(28),
        ),
        _row(
            "broadcasts",
            kind="message",
            audience="all",
            content={"html": "Lên sóng lúc 20 giờ"},
            status="done",
            start_at=_at(30),
            created_at=_at(30),
            created_by=EDITOR,
            started_at=_at(30),
            ended_at=_at(30, 3),
        ),
        _row("broadcast_acts", broadcast_id=1, act="pause", person_id=EDITOR, at=_at(30)),
        _row("deliveries", broadcast_id=1, person_id=ASKER, state="sent", message_id=9, sent_at=_at(30)),
        _row("deliveries", broadcast_id=1, person_id=OFFICER, state="uncertain", tries=1),
        _row("broadcast_drafts", person_id=EDITOR, data={"html": "Sắp tới"}, updated_at=_at(30)),
    ],
    "0005": [
        _row(
            "audit",
            number=1,
            at=_at(30),
            actor_id=ADMIN,
            act="role_revoked",
            subject="person:7",
            details={"role": "editor"},
            seal=SEAL,
        ),
        _row("facts", key="audit_head", value=f"1:{SEAL}"),
    ],
    "0006": [
        _person(None, "", channel="telegram", erased_at=_at(30)),
        _row("erasures", person_id=GONE, created_at=_at(1), erased_at=_at(30)),
        _row("discarded_files", checksum="e" * 64, at=_at(30)),
    ],
    "0007": [
        _entry(ANSWERED, "public_question", EDITOR, "Trạm mở mấy giờ?"),
        _entry(ANSWERED, "public_answer", EDITOR, "7 giờ."),
        *[
            _row("published_words", word=word, question_id=ANSWERED)
            for word in ["tram", "mo", "may", "gio", "7"]
        ],
    ],
    # 0008 to 0013, 0019: see their own tests in test_old_schemas.
    "0014": [
        _sent_to_editor("text", {"html": "Thẻ", "buttons": []}, state="sent", message_id=41, sent_at=_at(31)),
        _sent_to_editor("edit", {"html": "Đã nhận, 41", "buttons": [], "message_id": 41}, state="queued"),
        _sent_to_editor("album", {"message_ids": [51, 52]}, state="sent", message_id=51, sent_at=_at(31)),
    ],
    "0017": [
        _row(
            "answers_being_written",
            person_id=OFFICER,
            question_id=ASSIGNED,
            data={"parts": [{"message": "61", "text": "Sẽ sửa đường."}], "files": [], "letter": None},
            updated_at=_at(30),
        ),
    ],
    "0020": [
        _row(
            "agency_groups",
            agency_id=1,
            channel="telegram",
            address="-1002",
            title="Tổ trả lời",
            topic="12",
            linked_by=OFFICER,
            linked_at=_at(30),
            ended_at=_at(31),
        ),
    ],
    "0021": [
        _row(
            "undos",
            person_id=EDITOR,
            what="assigned",
            question_id=ASSIGNED,
            before={"question": {"status": "received"}},
            last_event=2,
            until=_at(31),
        ),
    ],
}
