"""The site's Media Manager: files and their folders, uploads, imports, download links.

Sources: https://dev.wix.com/docs/rest/assets/media/media-manager/files/introduction and the types of ``@wix/auto_sdk_media_files`` and
``@wix/auto_sdk_media_folders``. What they leave open is decided here: an upload URL is good for a day and for any number of files until then, but a
resumable one for a single file; a file that is not READY cannot be linked to; one size limit holds for all types of file; ``hash`` is some digest of the
bytes; images have no dimensions and nothing has a thumbnail.

Faults that :mod:`emulators.common.faults` hands on to here, by ``kind``:

``media_refuse``
    One upload URL, upload or import is refused with ``options.rule``, one of :data:`emulators.wix.media.rules.RULES`, SITE_QUOTA_EXCEEDED by default.
    ``path`` is a pattern of request paths.
``upload_url_expired``
    One upload finds that its URL has expired. ``path`` is a pattern of request paths.
``media_failed``
    The processing of one file fails with ``options.code`` and ``options.description``. ``path`` is a pattern of file names.
``media_slow``
    The processing of one file takes ``seconds`` more. ``path`` is a pattern of file names.
"""
