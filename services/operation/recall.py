"""Removes the seals of erased words.

Nothing may stay by which the words could be guessed.
"""

from services.questions.recall import with_originals
from services.recall import GONE, Recall, Stage, outlet
from storage.engine.database import Work
from storage.operation import evidence


@outlet("seals", holds=("text_seals.salt", "text_seals.digest"), why=GONE, stage=Stage.COPIES)
async def open_seals(work: Work, recall: Recall) -> None:
    """Remove the salts of these questions' seals; their words are sealed anew later."""
    await evidence.open_words(work, of_questions=with_originals(recall))
