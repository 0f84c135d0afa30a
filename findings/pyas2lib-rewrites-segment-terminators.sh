#!/usr/bin/env bash
# pyas2lib 1.4.4 sends X12 interchanges over AS2 (RFC 4130).
#
# Guess:     what the receiver takes out of a message is, byte for byte, what the sender put in: AS2 runs over HTTP, which carries any byte, and the receipt
#            (MDN) holds the digest (MIC) of the content that arrived, which the sender compares with his own.
# Behaviour: a message that is signed, compressed or encrypted has each LF and each CR in its content replaced by CR LF, unless its content type is
#            application/octet-stream; a message that is none of these keeps them. The digest is taken after the replacement, so both sides call it
#            processed. X12 names its segment terminator by position 106 of the ISA segment: of an interchange that ends its segments with LF, a reader
#            that goes by that position finds CR there and begins each following segment with LF. The data of a BIN segment gets longer than the
#            length that stands before it. Who compares the documents of both sides by size or hash finds them different for ever.
# Seen:      signed, application/edi-x12: LF 208 bytes in, 215 out, terminator b'\r', receipt processed, digests equal
#            signed, application/edi-x12: CR 208 bytes in, 215 out, terminator b'\r', receipt processed, digests equal
#            signed, application/edi-x12: BIN 69 bytes in, 71 out, receipt processed, digests equal
#            changed too if signed and compressed, or encrypted alone; unchanged if signed as application/octet-stream, or neither signed nor encrypted
#
# Exits non-zero if that is otherwise. OpenSSL comes from the wheel of psycopg2-binary: oscrypto 1.3.0, which pyas2lib needs, does not know the version
# numbers of newer ones.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
  'pyas2lib==1.4.4' 'oscrypto==1.3.0' 'cryptography==44.0.3' 'pyopenssl==25.0.0' 'psycopg2-binary==2.9.11' 2>/dev/null
"$work/venv/bin/python" - <<'PYTHON'
import datetime
import logging
import pathlib
import sys
import sysconfig

import oscrypto
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

libraries = pathlib.Path(sysconfig.get_paths()["platlib"], "psycopg2_binary.libs")
oscrypto.use_openssl(*(str(next(libraries.glob(f"{name}-*"))) for name in ("libcrypto", "libssl")))

from pyas2lib.as2 import Mdn, Message, Organization, Partner

logging.disable(logging.CRITICAL)


def issue(name: str) -> tuple[bytes, bytes]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate, certificate


keys = {name: issue(name) for name in ("alpha", "beta")}


def carry(content: bytes, content_type: str, **security: bool) -> tuple[bytes, str, bool]:
    """Return the content that arrived, the status of the receipt, and whether both digests agree."""
    sides = {
        name: (Organization(name, sign_key=both, decrypt_key=both),
               Partner(name, verify_cert=public, encrypt_cert=public, validate_certs=False,
                       mdn_mode="SYNC", mdn_digest_alg="sha256", **security))
        for name, (both, public) in keys.items()
    }
    sent = Message(sides["alpha"][0], sides["beta"][1])
    sent.build(content, content_type=content_type)
    arrived = Message()
    _, _, receipt = arrived.parse(
        sent.headers_str + b"\r\n" + sent.content, lambda _: sides["beta"][0], lambda _: sides["alpha"][1]
    )
    status, _ = Mdn().parse(receipt.headers_str + b"\r\n" + receipt.content, lambda *_: sent)
    return arrived.content, status, sent.mic == arrived.mic


ISA = "ISA*00*          *00*          *ZZ*ALPHA          *ZZ*BETA           *261201*1200*^*00501*000000001*0*P*>"
REST = ("", "GS*IN*ALPHA*BETA*20261201*1200*1*X*005010", "ST*810*0001", "BIG*20261201*1", "SE*3*0001", "GE*1*1", "IEA*1*000000001", "")
SENT = {
    "LF": (ISA + "\n".join(REST)).encode(),
    "CR": (ISA + "\r".join(REST)).encode(),
    "BIN": b"ST*102*0001~ORI*X~BIN*16*first\nsecond\nend~DTM*097*20261201~SE*5*0001~",
}
wrong = []
for name, content in SENT.items():
    got, status, agreed = carry(content, "application/edi-x12", sign=True)
    terminator = f", terminator {got[105:106]!r}" if content.startswith(b"ISA") else ""
    print(f"signed, application/edi-x12: {name} {len(content)} bytes in, {len(got)} out{terminator}, receipt {status}, digests equal: {agreed}")
    if got != content.replace(b"\r", b"\n").replace(b"\n", b"\r\n") or status != "processed" or not agreed:
        wrong.append(f"{name}: signed")
    for security in ({"sign": True, "compress": True}, {"encrypt": True}):
        if carry(content, "application/edi-x12", **security)[0] == content:
            wrong.append(f"{name}: {security}")
    for content_type, security in (("application/octet-stream", {"sign": True}), ("application/edi-x12", {})):
        if carry(content, content_type, **security)[0] != content:
            wrong.append(f"{name}: {content_type} {security}")
sys.exit(f"otherwise now: {wrong}" if wrong else 0)
PYTHON
