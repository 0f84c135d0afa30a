"""Finds faults in a REST source's declaration that involve several of its fields. Pure.

A declaration is a configuration file that describes a REST API from which the gateway reads
records. Each fault has its path in the declaration, and how to fix it.
"""

from collections.abc import Iterator

from gridwix_gateway.sources.mapping import DeclarationFault, MappingFault, compile_mapping
from gridwix_gateway.sources.mapping.columns import TextColumn, TimestampColumn
from gridwix_gateway.sources.rest.declaration import RestDeclaration

OWN_HEADERS = frozenset(
    {"accept-encoding", "authorization", "connection", "content-length", "cookie", "host"}
)
"""Headers that the gateway sets itself, so a declaration must not."""


def declaration_faults(declaration: RestDeclaration) -> Iterator[DeclarationFault]:
    """Yield faults of a REST source's declaration that its model cannot detect field by field.

    Args:
        declaration: A declaration that its pydantic model has accepted.

    Yields:
        The faults, each with its path and how to fix it.
    """
    yield from _column_faults(declaration)
    yield from _request_faults(declaration)
    for number, record in enumerate(declaration.records):
        if record.gather:
            yield DeclarationFault(
                ("records", str(number), "gather"),
                "gather is for tables: a row of a REST source is a whole record",
                "remove it",
            )
    try:
        compile_mapping(declaration)
    except MappingFault as fault:
        # The engine itself uses the key and the time.
        used = {("columns", declaration.key)}
        if declaration.since is not None:
            used.add(("columns", declaration.since.column))
        yield from (one for one in fault.faults if one.place not in used)


def _column_faults(declaration: RestDeclaration) -> Iterator[DeclarationFault]:
    columns = declaration.columns
    for name, column in columns.items():
        if column.path is None:
            yield DeclarationFault(
                ("columns", name), "it has no path", "write the path of its member in a row"
            )
    for name in sorted(declaration.optional - columns.keys()):
        yield DeclarationFault(("optional",), f"there is no column {name}", "remove it")
    key = columns.get(declaration.key)
    if (
        not isinstance(key, TextColumn)
        or not key.required
        or declaration.key in declaration.optional
    ):
        yield DeclarationFault(
            ("key",),
            f"{declaration.key} is no column of type text that is required",
            "name such a column, and write required: true there",
        )
    if declaration.since is not None:
        updated = columns.get(declaration.since.column)
        if not isinstance(updated, TimestampColumn) or not updated.required:
            yield DeclarationFault(
                ("since", "column"),
                f"{declaration.since.column} is no column of type timestamp that is required",
                "name such a column, and write required: true there",
            )


def _request_faults(declaration: RestDeclaration) -> Iterator[DeclarationFault]:
    for name, value in declaration.headers.items():
        if name.lower() in OWN_HEADERS:
            yield DeclarationFault(("headers", name), "the gateway sets it itself", "remove it")
        elif not value.isprintable() or not value.isascii():
            yield DeclarationFault(
                ("headers", name), "it holds signs that a header cannot", "write plain letters"
            )
    places = [("query", name) for name in declaration.query]
    if declaration.since is not None:
        places.append(("since", "parameter"))
    places += [
        ("paging", member)
        for member in ("limit", "parameter")
        if getattr(declaration.paging, member, None) is not None
    ]
    names: set[str] = set()
    for place in places:
        name = _parameter_name(declaration, place)
        if name in names:
            yield DeclarationFault(place, f"the parameter {name} is set twice", "remove one")
        names.add(name)


def _parameter_name(declaration: RestDeclaration, place: tuple[str, str]) -> str:
    member, name = place
    return name if member == "query" else str(getattr(getattr(declaration, member), name))
