"""`scscf rule`: scripted answers on a running S-CSCF."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from scscf.cli.client import ApiClient
from scscf.cli.control import api_options, as_json
from scscf.cli.options import complete


@click.group(epilog="\b\nExample: scscf rule add too-brief.yaml")
def rule() -> None:
    """Make the S-CSCF misbehave while a UE is attached.

    By answers, losses, delays, edits, bad vectors and quirks.
    """


@rule.command(epilog="\b\nExample: scscf rule add too-brief.yaml")
@click.argument("file", type=click.Path(path_type=Path))
@api_options
def add(file: Path, api: str, api_token: str | None) -> None:
    """Set the rules of a YAML file, in place of those of the same names.

    The file has `rules: {NAME: {match, after, count, do}}`, or is one rule that has a `name`.
    """
    from scscf.rules.file import read_rules

    client = ApiClient(api, api_token)
    for name, keys in read_rules(file).items():
        body = keys.model_dump(mode="json", exclude_none=True, by_alias=True)
        client.call("PUT", f"/v1/rules/{quote(name, safe='')}", body)
        click.echo(f"{name}: set")


@rule.command("list", epilog="\b\nExample: scscf rule list")
@as_json
@api_options
def list_(as_json: bool, api: str, api_token: str | None) -> None:
    """Show the rules that are set, and how often each was met.

    How many messages each was about, and to how many it was done.
    """
    found: dict[str, Any] = ApiClient(api, api_token).call("GET", "/v1/rules")
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    elif found["rules"]:
        from scscf.cli.tables import rules_table, show

        show(rules_table(found["rules"]))
    else:
        click.echo("no rule is set")


@rule.command(epilog="\b\nExample: scscf rule remove too-brief")
@click.argument("name")
@api_options
def remove(name: str, api: str, api_token: str | None) -> None:
    """Take a rule back. Exit 1 where there is none of that name."""
    ApiClient(api, api_token).call("DELETE", f"/v1/rules/{quote(name, safe='')}")
    click.echo(f"{name}: removed")


complete(rule, "scscf", "SCSCF_RULE")
