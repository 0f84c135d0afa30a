"""Builds the client of the Wix media library from the settings."""

from gridwix.clients.files import FileClient
from gridwix.clients.wix.media import MediaClient
from gridwix.runtime.settings import WixSettings
from gridwix.runtime.wix import wix_site


def media(settings: WixSettings, files: FileClient) -> MediaClient:
    """Return the client of the Wix media library. ``files`` downloads and uploads the bytes."""
    return MediaClient(wix_site(settings), files)
