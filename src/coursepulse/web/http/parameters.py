"""What a handler takes from an address. What it does not take is refused: no parameter of the API is ignored."""

from __future__ import annotations

from litestar.constants import RESERVED_KWARGS
from litestar.handlers import BaseRouteHandler
from litestar.typing import FieldDefinition

from coursepulse.kit.errors import RequestError
from coursepulse.web.http.request import AnyRequest

#: For ``opt`` of a handler that refuses by itself what it does not take.
REFUSES = "refuses"


def refuse_unused(request: AnyRequest) -> None:
    """Let no parameter of the API pass that its handler does not take.

    :raises RequestError: ``unused_parameter``
    """
    if not request.scope["query_string"] or not request.scope["path"].startswith("/v1/"):
        return
    handler = request.route_handler
    known = _names(handler) - request.path_params.keys()
    unused = sorted(request.query_params.keys() - known)
    if unused and not handler.opt.get(REFUSES):
        takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
        raise RequestError(
            "unused_parameter",
            f"There is no parameter `{unused[0][:64]}` here; {takes}.",
            path=_path(unused[0]),
        )


def parameters(handler: BaseRouteHandler) -> dict[str, FieldDefinition]:
    """What a handler and what it depends on take from a request, by the names in their signatures."""
    providers = handler.resolve_dependencies().values()
    signatures = [provider.parsed_fn_signature for provider in providers] + [handler.parsed_fn_signature]
    return {name: field for signature in signatures for name, field in signature.parameters.items()}


def outside_name(name: str, field: FieldDefinition | None) -> str:
    """What a parameter is called in an address."""
    return getattr(field and field.kwarg_definition, "name", None) or name


def _names(handler: BaseRouteHandler) -> set[str]:
    inside = RESERVED_KWARGS | handler.resolve_dependencies().keys()
    taken = parameters(handler).items()
    return {outside_name(name, field) for name, field in taken if name not in inside}


def _path(name: str) -> str:
    return f"$.{name[:64]}"
