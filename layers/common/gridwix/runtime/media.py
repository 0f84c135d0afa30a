"""The client of the site's media library, from the settings."""

from gridwix.clients.files import FileClient
from gridwix.clients.wix.media import MediaClient
from gridwix.runtime.settings import WixSettings
from gridwix.runtime.wix import wix_site


def media(settings: WixSettings, files: FileClient) -> MediaClient:
    """The media library; ``files`` moves the bytes."""
    return MediaClient(wix_site(settings), files)
