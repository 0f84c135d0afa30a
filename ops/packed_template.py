"""Makes a built SAM template quicker to deploy: writes it as JSON, and zips the layer once.

SAM parses a template seven times per deployment. That takes a second and a half for YAML and no
time for JSON. Without a zipped layer, SAM also packs the layer's thousands of files each time.
"""

import json
import os
import zipfile
from pathlib import Path

from ops.yaml_files import load_trusted_yaml

NAME = "packed.json"
LAYER = "AWS::Serverless::LayerVersion"

_COMPRESSION = 1
"""Lowest level: the archive stays on this machine."""


def packed_template(template: Path) -> Path:
    """Return the path of a copy of a built SAM template that ``sam deploy`` processes faster.

    The copy is JSON, and refers to the layer as a zip archive. It is made beside the original at
    the first call. Safe to call from several processes at once, and to interrupt: each file appears
    as a whole.
    """
    packed = template.with_name(NAME)
    if not packed.is_file():
        # SAM builds plain YAML: it has written the long forms of CloudFormation's functions.
        content = load_trusted_yaml(template.read_text())
        for resource in content["Resources"].values():
            if resource["Type"] == LAYER:
                properties = resource["Properties"]
                properties["ContentUri"] = _pack(template.parent / properties["ContentUri"]).name
        partial = _partial(packed)
        partial.write_text(json.dumps(content))
        partial.rename(packed)
    return packed


def _pack(folder: Path) -> Path:
    """Zip a folder, and return the path of the archive. Equal folders make equal archives."""
    archive = folder.with_suffix(".zip")
    partial = _partial(archive)
    with zipfile.ZipFile(partial, "w") as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            # A fixed time, and permissions that let a function read it.
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix())
            member.external_attr = 0o644 << 16
            packed.writestr(member, path.read_bytes(), zipfile.ZIP_DEFLATED, _COMPRESSION)
    partial.rename(archive)
    return archive


def _partial(path: Path) -> Path:
    return path.with_name(f"{path.name}.{os.getpid()}.partial")
