"""The call about metrics."""

import platform

from scscf.control.api import Api
from scscf.control.bodies import NoQuery
from scscf.control.exposition import exposed
from scscf.control.route import Answer, Call, NotFound, Route


async def metrics(api: Api, call: Call) -> Answer:
    """Tell counts, durations and queue lengths in the text format of Prometheus."""
    if api.measures is None:
        raise NotFound("no_metrics", "nothing is measured here")
    api.measures.build = (api.version, api.commit or "", platform.python_version())
    return exposed(await api.measures.readings())


METRICS = Route("GET", "/metrics", metrics, 200, str, NoQuery, None, (404,))
