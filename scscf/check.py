"""Checking a user's file without starting anything: configuration and subscribers, told apart by their keys.

`python -m scscf.check FOLDER` writes the JSON schemas of them into a folder, for editors, and the OpenAPI documents.
"""

import json
import sys
from pathlib import Path

from pydantic import BaseModel

from hss_stub import control_shapes
from hss_stub.config import HssKeys, load_hss_config
from hss_stub.control import ROUTES as HSS_ROUTES
from hss_stub.control import SHARED
from hss_stub.subscribers import load_subscribers, subscribers_of
from hss_stub.subscribers_file import SubscribersKeys
from scscf.config import load_config
from scscf.config.keys import ConfigKeys
from scscf.control import clock, message_shapes, scripting, shapes
from scscf.control.openapi import document
from scscf.control.routes import ROUTES
from scscf.errors import InputError, Problem
from scscf.rules.file import rules_of
from scscf.rules.model import RulesFileKeys
from scscf.scenario.bug_log import kept_to_itself
from scscf.scenario.keys import ScenarioKeys
from scscf.scenario.loading import SUFFIX, load_scenarios
from scscf.scenario.report_shape import ReportShape
from scscf.scenario.runner import LOGGERS
from scscf.scenario.virtual_world import check_scenario
from scscf.yaml_file import read_yaml

_SCENARIO_KEYS = ("steps", "actors")


def check_file(path: Path) -> list[Problem]:
    """Return everything that is wrong with a file, and with the subscribers file that a configuration names."""
    try:
        file = read_yaml(path)
        keys = file.data if isinstance(file.data, dict) else {}
        if path.name.endswith(SUFFIX) or any(key in keys for key in _SCENARIO_KEYS):
            with kept_to_itself(*LOGGERS):
                for scenario in load_scenarios(path):
                    check_scenario(scenario)
            return []
        if "rules" in keys or "do" in keys:
            rules_of(file)
            return []
        if "subscriptions" in keys:
            subscribers_of(file)
            return []
        if "servers" in keys or "origin_host" in keys or "origin_realm" in keys:
            hss = load_hss_config(path)
            if hss.subscribers is not None:
                load_subscribers(hss.subscribers)
            return []
        config = load_config(path)
        if config.subscribers is not None:
            load_subscribers(config.subscribers)
    except InputError as error:
        return list(error.problems)
    return []


def json_schemas() -> dict[str, str]:
    """Return file name → JSON schema (draft 2020-12) of the files that users write, and of the report."""
    models: dict[str, type[BaseModel]] = {
        "config.schema.json": ConfigKeys,
        "subscribers.schema.json": SubscribersKeys,
        "hss-stub.schema.json": HssKeys,
        "scenario.schema.json": ScenarioKeys,
        "rules.schema.json": RulesFileKeys,
        "report.schema.json": ReportShape,
    }
    texts = {}
    for name, model in models.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
        texts[name] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return texts


def openapi_documents() -> dict[str, str]:
    """Return file name → OpenAPI document: the S-CSCF's, with the calls of the HSS stub in it, and the HSS stub's."""
    documents = {
        "openapi.json": document(
            (*ROUTES, *SHARED),
            (shapes, scripting, clock, message_shapes, control_shapes),
            "S-CSCF simulator",
            "Registrations, subscriptions and commands of one S-CSCF, and its embedded HSS stub.",
            streams=True,
        ),
        "hss-openapi.json": document(
            HSS_ROUTES,
            (shapes, control_shapes),
            "HSS stub",
            "Subscribers, faults and commands of an HSS stub that is a process of its own.",
            streams=False,
        ),
    }
    return {name: json.dumps(each, indent=1, ensure_ascii=False) + "\n" for name, each in documents.items()}


if __name__ == "__main__":
    for file_name, text in (json_schemas() | openapi_documents()).items():
        Path(sys.argv[1], file_name).write_text(text, encoding="utf-8")
