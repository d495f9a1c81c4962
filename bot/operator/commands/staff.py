"""`invite`: invitations to roles."""

from typing import Annotated, Any

import typer

from bot.operator.commands.terminal import ConfigFile, Json, configured_by, fail, print_json, with_database


def invite(
    role: Annotated[str, typer.Option(metavar="officer|leader|editor|admin")],
    agency: Annotated[str | None, typer.Option(metavar="CODE")] = None,
    uses: Annotated[int, typer.Option(min=1, max=1000)] = 1,
    as_json: Json = False,
    config: ConfigFile = None,
) -> None:
    """Make an invitation to a role; it works once, or `--uses` times."""
    from domain.programme import offset_iso
    from domain.questions.life import AGENCY_ROLES, Role
    from services.staff.staff import invite as make_invitation
    from services.staff.staff import link_to
    from storage.agencies import agencies

    if role not in set(Role):
        raise typer.BadParameter(f"one of {', '.join(Role)}", param_hint="'--role'")

    if Role(role) in AGENCY_ROLES and agency is None:
        fail(f"an invitation to be {role} needs --agency CODE")
    if Role(role) not in AGENCY_ROLES and agency is not None:
        fail(f"the role {role} belongs to no agency; leave --agency out")

    async def job(database: Any) -> dict[str, object]:
        async with database.work() as work:
            found = await agencies.by_code(work, agency) if agency is not None else None
            if agency is not None and found is None:
                fail(f"there is no agency {agency}; load the agencies first")
            code, expires_at = await make_invitation(work, Role(role), found, uses=uses)
            link = await link_to(work, code)
            return {
                "code": code,
                "link": link,
                "expires_at": offset_iso(expires_at, work.programme.timezone),
            }

    invitation = with_database(configured_by(config), job)
    if as_json:
        print_json(invitation)
    else:
        typer.echo(invitation["link"] or f"/start {invitation['code']}")
