"""A consent is to a text of a known version: who changes the text of a request changes its version, too."""

import tomllib
from hashlib import sha256

import pytest

from domain.privacy.consent import Consent
from messages.words import LANGUAGES, TEMPLATES

# The templates that ask for each consent; the digest of their words in every language, by version.
ASKED_IN = {
    Consent.PROCESSING: ("notices/asking/consent_asked.j2",),
    Consent.CONTACT: ("notices/asking/contact_asked.j2",),
    Consent.PUBLICATION: ("notices/answers/publication_asked.j2",),
    Consent.SUBSCRIPTION: ("notices/subscribers/subscriptions_shown.j2",),
}
VERSIONS = {
    (Consent.PROCESSING, "2026-12"): "870cf9d62ccb681e",
    (Consent.CONTACT, "2026-11"): "b6095047e7841e3c",
    (Consent.PUBLICATION, "2026-11"): "f18276f9f38f0b91",
    (Consent.SUBSCRIPTION, "2026-11"): "d13d1eac7d465f70",
}


def versions(consent: Consent) -> set[str]:
    found = [tomllib.loads((TEMPLATES / one / "labels.toml").read_text("utf-8")) for one in LANGUAGES]
    return {labels["consent_version"][consent] for labels in found}


@pytest.mark.parametrize("consent", Consent)
def test_the_words_are_those_of_the_version(consent: Consent) -> None:
    (version,) = versions(consent)
    words = "".join(
        (TEMPLATES / language / name).read_text("utf-8")
        for language in LANGUAGES
        for name in ASKED_IN[consent]
    )
    digest = sha256(words.encode()).hexdigest()[:16]
    assert VERSIONS[consent, version] == digest, (
        "other words: give them a version of their own, and enter it here"
    )
