"""The search words of published questions, found by index on both databases.

A row for each folded word of a published question or its answer. What is hidden, or no longer published, has no rows.
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from domain.questions.history import EntryKind
from domain.questions.life import HIDDEN
from domain.vietnamese.text import words
from storage.engine.database import Work, in_pieces
from storage.rows import QuestionRow
from storage.tables import entries, published_words, questions

LONGEST = 40  # characters of a word that are kept
SEARCHED = 8  # words of a search that count
# A word that stands in more questions than this tells too little to begin with: the newest are looked through instead.
COMMON = 5_000


def key_words(text: str) -> list[str]:
    """Return the words by which a text is found, each once, in order."""
    return list(dict.fromkeys(word[:LONGEST] for word in words(text)))


def stands(question: QuestionRow) -> bool:
    """Return whether the public may read this question."""
    return question.published_at is not None and question.secrecy not in HIDDEN


async def forget(work: Work, question_ids: Iterable[int]) -> None:
    """Drop the search words of questions."""
    for some in in_pieces(question_ids):
        await work.run(sa.delete(published_words).where(published_words.c.question_id.in_(some)))


async def refresh(work: Work, question: QuestionRow) -> None:
    """Write a question's search words as the public may read it now."""
    await forget(work, [question.id])
    if not stands(question):
        return
    texts = [
        await work.value(
            sa.select(entries.c.text)
            .where(entries.c.question_id == question.id, entries.c.kind == kind)
            .order_by(entries.c.id.desc())
            .limit(1)
        )
        for kind in (EntryKind.PUBLIC_QUESTION, EntryKind.PUBLIC_ANSWER)
    ]
    found = key_words("\n".join(filter(None, texts)))
    if found:
        await work.run_many(
            sa.insert(published_words), [{"word": word, "question_id": question.id} for word in found]
        )


async def search(work: Work, wanted: Sequence[str], limit: int) -> list[QuestionRow]:
    """List published questions that hold each of these words, newest first.

    `key_words`; hidden ones never.
    """
    wanted = wanted[:SEARCHED]
    query = (
        sa.select(questions)
        .where(sa.text("questions.published_at IS NOT NULL"), questions.c.secrecy.not_in(sorted(HIDDEN)))
        .order_by(questions.c.published_at.desc(), questions.c.id.desc())
        .limit(limit)
    )
    counts = {word: await _count(work, word) for word in wanted}
    if not all(counts.values()):
        return []
    rarest = min(wanted, key=counts.__getitem__, default=None)
    if rarest is not None and counts[rarest] <= COMMON:
        begin = published_words.alias("rarest")
        query = query.join(begin, begin.c.question_id == questions.c.id).where(begin.c.word == rarest)
        wanted = [word for word in wanted if word != rarest]
    for word in wanted:
        query = query.where(
            sa.select(sa.literal(1))
            .where(published_words.c.word == word, published_words.c.question_id == questions.c.id)
            .exists()
        )
    return await work.all(query)


async def _count(work: Work, word: str) -> int:
    """Count the questions that hold a word, as far as it matters."""
    some = (
        sa.select(published_words.c.question_id)
        .where(published_words.c.word == word)
        .limit(COMMON + 1)
        .subquery()
    )
    return int(await work.value(sa.select(sa.func.count()).select_from(some)))
