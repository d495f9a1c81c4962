"""Whatever may be due is gathered by the one subject that knows of it."""

from domain.deadlines.ladder import Matter
from services.calendar.due import gatherers


def test_every_matter_has_the_one_gatherer_that_says_what_of_it_is_due() -> None:
    matters = [matter for some in gatherers().values() for matter in some]
    assert sorted(matters) == sorted(Matter)
