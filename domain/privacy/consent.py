"""The consents a person gives one by one (Law 91/2025/QH15: specific, never pre-ticked, withdrawable)."""

from enum import StrEnum


class Consent(StrEnum):
    """What a person agrees to."""

    PROCESSING = "processing"  # without it no question is taken
    CONTACT = "contact"  # agencies may see the telephone number or e-mail
    PUBLICATION = "publication"  # of one question with its answer, anonymised
    SUBSCRIPTION = "subscription"  # messages about airings, links or a field's answers
