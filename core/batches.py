"""What many ask at the same moment is asked of the database once: the calls of one event loop, in batches.

Nobody waits for a batch to fill: the first call begins one, and what comes while it runs is the next.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from channels.db import database_sync_to_async

Q = TypeVar("Q")
A = TypeVar("A")


class Batches(Generic[Q, A]):
    """Answers questions by `answer`, which takes `most` of them at once and runs in one thread of its own.

    `answer` returns one answer for each question, in their order; what it raises is raised at each of those who asked.
    """

    def __init__(self, answer: Callable[[Sequence[Q]], Sequence[A]], *, most: int) -> None:
        self.answer = answer
        self.most = most
        self.waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self.task: asyncio.Task[None] | None = None
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="batches")

    async def ask(self, question: Q) -> A:
        """Return the answer, once the batch is through that this question was part of."""
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self.waiting.append((question, future))
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._work_off())
        return await future

    async def _work_off(self) -> None:
        while self.waiting:
            batch, self.waiting = self.waiting[: self.most], self.waiting[self.most :]
            # Whoever has left meanwhile asks no more.
            batch = [(question, future) for question, future in batch if not future.done()]
            if batch:
                await self._run(batch)

    async def _run(self, batch: "Sequence[tuple[Q, asyncio.Future[A]]]") -> None:
        run = database_sync_to_async(self.answer, thread_sensitive=False, executor=self.thread)
        try:
            answers = await run([question for question, _future in batch])
        except Exception as error:  # noqa: BLE001 -- whatever it was, those who asked are told
            for _question, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_question, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
