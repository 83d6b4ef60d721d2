"""What the nodes of a run log: nothing of it is printed, and the traceback of a bug goes into the verdict."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class BugLog(logging.Handler):
    """Keeps what is logged at level error, as text."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        if len(self.texts) < 10:
            self.texts.append(self.format(record))


@contextmanager
def kept_to_itself(*names: str) -> Iterator[BugLog]:
    """Have these loggers tell only the log that is returned, for as long as this lasts."""
    log = BugLog()
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.addHandler(log)
        logger.propagate = False
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.ERROR)
    try:
        yield log
    finally:
        for logger, (propagate, level) in zip(loggers, before, strict=True):
            logger.removeHandler(log)
            logger.propagate = propagate
            logger.setLevel(level)
