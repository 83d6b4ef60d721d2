"""A memory network of Diameter nodes, of which nothing may be left at the end."""

from collections.abc import Iterator

import pytest

from tests.net.diameter.nodes import Net


@pytest.fixture
def net() -> Iterator[Net]:
    made = Net()
    yield made
    made.end()
