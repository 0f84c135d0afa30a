"""Reads the partners that may see the documents of the shared library."""

from collections.abc import Iterable

from gridwix.configuration.everything import Configuration
from gridwix.mapping.audiences import ResolvedAudiences
from gridwix.mapping.documents import has_audience
from gridwix.models.trading_grid.audiences import Audience
from gridwix.models.trading_grid.documents import Document
from gridwix.publication.hub_partners import HubPartners


def read_audiences(
    documents: Iterable[Document], partners: HubPartners, configuration: Configuration
) -> ResolvedAudiences[str]:
    """Return the partners that may see a shared document, by document id.

    Only documents that are not for all partners have an entry.

    Raises OutOfTime if the list of all partners is not complete yet, and UpstreamError if it cannot
    be read.
    """
    wanted: dict[str, Audience] = {
        document.id: document.audience for document in documents if has_audience(document)
    }
    return partners.resolve(wanted, configuration.audiences.regions)
