"""Reads which partners see the documents of the shared library."""

from collections.abc import Iterable

from gridwix.configuration.everything import Configuration
from gridwix.mapping.audiences import ResolvedAudiences, resolve_audiences
from gridwix.mapping.documents import has_audience
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.documents import Document
from gridwix.ports import PartnerReader


def read_audiences(
    documents: Iterable[Document], source: PartnerReader, configuration: Configuration
) -> ResolvedAudiences[str]:
    """Return the partners of each document that has an audience, by document id.

    All partners are read, page by page, only if there is such a document. Raises UpstreamError.
    """
    wanted: dict[str, Audience] = {
        document.id: document.audience for document in documents if has_audience(document)
    }
    if not wanted:
        return ResolvedAudiences()
    return resolve_audiences(wanted, source.partner_pages(), configuration.audiences.regions)
