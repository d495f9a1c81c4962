"""Counts and times for Prometheus (`GET /metrics`, bot.house.health_routes).

Numbers only: nothing here names a person, a chat or a question. Counters begin at 0 with the process; times are in
seconds.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)  # memory, processor time, open files, start

_SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_LONG = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600)

BUILD = Info("danhoi_build", "This programme's version and schema.", registry=REGISTRY)
LEADS = Gauge(
    "danhoi_leads", "1 in the process that sends and ticks, 0 in one that stands by.", registry=REGISTRY
)
LOOP_LAG = Gauge(
    "danhoi_event_loop_lag_seconds", "By how much a turn of the event loop was late.", registry=REGISTRY
)

RECEIVED = Counter(
    "danhoi_updates_received", "Updates kept in the inbox, repeated ones too.", ["way"], registry=REGISTRY
)
REFUSED_CALLS = Counter(
    "danhoi_http_refused",
    "Calls over HTTP that came to nothing: secret (wrong or missing), malformed (no HTTP), gone (hung up).",
    ["why"],
    registry=REGISTRY,
)
HANDLED = Counter(
    "danhoi_updates_handled",
    "Updates by how their handling ended: done, refused, failed, unreadable.",
    ["outcome"],
    registry=REGISTRY,
)
HANDLING = Histogram(
    "danhoi_update_seconds", "One update in the hands of its handlers.", buckets=_SHORT, registry=REGISTRY
)
WAITED = Histogram(
    "danhoi_update_wait_seconds",
    "From an update's arrival to the beginning of its handling.",
    buckets=_LONG,
    registry=REGISTRY,
)

MESSAGES = Counter(
    "danhoi_messages",
    "Messages of the outbox by how handing them over ended: sent, busy (429), unreachable, interrupted, …",
    ["outcome"],
    registry=REGISTRY,
)
REPLYING = Histogram(
    "danhoi_reply_seconds",
    "From the handling of an update to the messenger's having the reply to it, tries and pace included.",
    buckets=_LONG,
    registry=REGISTRY,
)
DELIVERIES = Counter(
    "danhoi_deliveries",
    "Messages of broadcasts by what became of them: sent, blocked, failed, uncertain, dropped, pending (again).",
    ["outcome"],
    registry=REGISTRY,
)
DELIVERING = Histogram(
    "danhoi_delivery_seconds",
    "From handing a message over to the messenger's answer.",
    buckets=_SHORT,
    registry=REGISTRY,
)

DATABASE = Gauge("danhoi_database_up", "1 while the database answers.", registry=REGISTRY)
INBOX = Gauge("danhoi_inbox_waiting", "Updates that nobody has handled.", registry=REGISTRY)
INBOX_AGE = Gauge("danhoi_inbox_oldest_seconds", "Age of the oldest of them.", registry=REGISTRY)
PARKED = Gauge(
    "danhoi_updates_parked",
    "Updates of the last day that failed too often and were set aside.",
    registry=REGISTRY,
)
OUTBOX = Gauge(
    "danhoi_outbox_waiting",
    "Messages that could be sent now, by lane: reply, notice.",
    ["lane"],
    registry=REGISTRY,
)
OUTBOX_AGE = Gauge("danhoi_outbox_oldest_seconds", "Age of the oldest of them.", ["lane"], registry=REGISTRY)
BROADCASTS = Gauge("danhoi_broadcasts_running", "Broadcasts that are being sent.", registry=REGISTRY)
TO_DELIVER = Gauge(
    "danhoi_deliveries_pending", "Recipients of broadcasts who have not had theirs.", registry=REGISTRY
)
TICKED = Gauge(
    "danhoi_last_tick_timestamp_seconds",
    "When the scheduled work was last done without a fault, by the clock of the programme; 0: not by this process.",
    registry=REGISTRY,
)
OVERDUE = Gauge(
    "danhoi_questions_overdue", "Questions past the day on which they are due.", registry=REGISTRY
)
