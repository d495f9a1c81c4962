"""What could prove words that are erased is opened: nothing that they could be guessed by stays."""

from services.questions.recall import with_originals
from services.recall import GONE, Recall, Stage, outlet
from storage.engine.database import Work
from storage.operation import evidence


@outlet("seals", holds=("text_seals.salt", "text_seals.digest"), why=GONE, stage=Stage.COPIES)
async def open_seals(work: Work, recall: Recall) -> None:
    """The words of these questions are sealed anew, as they are now."""
    await evidence.open_words(work, of_questions=with_originals(recall))
