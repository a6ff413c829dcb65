"""A bundle as an answer, alike for pages and for REST."""

from collections.abc import Callable

from starlette.responses import Response

from services.api.principals import Principal
from shared.archive import ArchiveError
from shared.db.ledger.reading import NotYetProven
from shared.domain.plans import plan_named
from shared.usecases.refusals import Refused, none_such


def bundle_for(who: Principal, what: str, subject_id: str, make: Callable[[str], bytes | None]) -> Response:
    """The zip that `make` makes about a change or version (`what`).

    Refused: `plan` where the account's has no evidence, `not-found`, and `not-yet` or `archive` where it is to be asked
    again.
    """
    if not plan_named(who.plan).regulatory and not who.is_operator:
        raise Refused("plan", f"the plan {who.plan} includes no evidence export: compliance does")
    try:
        packed = make(subject_id)
    except NotYetProven as error:
        raise Refused("not-yet", f"{error}: ask again in a few seconds") from None
    except ArchiveError as error:
        raise Refused("archive", f"the archive cannot be read: {error}: ask again, or tell who runs this") from None
    if packed is None:
        raise none_such(what)
    name = f'attachment; filename="clausewatch-{subject_id}.zip"'
    return Response(packed, media_type="application/zip", headers={"Content-Disposition": name})
