"""The site's Media Manager: files and their folders, uploads, imports, download links.

Sources: https://dev.wix.com/docs/rest/assets/media/media-manager/files/introduction and the types
of ``@wix/auto_sdk_media_files`` and ``@wix/auto_sdk_media_folders``. Where these sources are
silent, this emulator decides: an upload URL is valid for a day and for any number of files, a
resumable one for a single file; a file that is not READY cannot be linked to; one size limit
applies to all types of file; ``hash`` is some digest of the bytes; images have no dimensions and
there are no thumbnails.

Faults of :mod:`emulators.common.faults` that apply here, by ``kind``:

``media_refuse``
    One upload URL, upload or import is refused with ``options.rule``, one of
    :data:`emulators.wix.media.rules.RULES`, SITE_QUOTA_EXCEEDED by default. ``path`` is a pattern
    of request paths.
``upload_url_expired``
    The URL of one upload has expired. ``path`` is a pattern of request paths.
``media_failed``
    The processing of one file fails with ``options.code`` and ``options.description``. ``path``
    is a pattern of file names.
``media_slow``
    The processing of one file takes ``seconds`` longer. ``path`` is a pattern of file names.
"""
