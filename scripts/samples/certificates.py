"""Writes certificates, signed and encrypted messages, and keys, by openssl and ssh-keygen.

None of them is used outside of the tests.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path


def make(target: Path) -> None:
    """Write all samples into ``target``."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        key, certificate = work / "key.pem", work / "certificate.pem"
        openssl(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-noenc",
            "-keyout",
            key,
            "-out",
            certificate,
            "-days",
            "3650",
            "-subj",
            "/O=Prairie Gold/CN=AS2",
        )
        (work / "data").write_text("ISA*00*          *00*          *ZZ*PRAIRIEGOLD")
        shutil.copy(certificate, target / "openssl.pem")
        shutil.copy(certificate, target / "openssl-pem.cer")
        openssl("x509", "-in", certificate, "-outform", "DER", "-out", target / "openssl-der.cer")
        (target / "openssl-with-text.crt").write_bytes(openssl("x509", "-in", certificate, "-text"))
        openssl(
            "crl2pkcs7",
            "-nocrl",
            "-certfile",
            certificate,
            "-outform",
            "DER",
            "-out",
            target / "openssl-der.p7b",
        )
        openssl("crl2pkcs7", "-nocrl", "-certfile", certificate, "-out", target / "openssl-pem.p7b")
        openssl(
            "crl2pkcs7",
            "-nocrl",
            "-certfile",
            certificate,
            "-outform",
            "DER",
            "-out",
            target / "openssl.p7c",
        )
        signing = (
            "cms",
            "-sign",
            "-nodetach",
            "-binary",
            "-in",
            work / "data",
            "-signer",
            certificate,
            "-inkey",
            key,
        )
        openssl(*signing, "-outform", "DER", "-out", target / "openssl-signed.p7m")
        # -stream writes BER with an indefinite length.
        openssl(*signing, "-stream", "-outform", "DER", "-out", target / "openssl-signed-ber.p7m")
        openssl(
            "cms",
            "-encrypt",
            "-aes256",
            "-binary",
            "-in",
            work / "data",
            "-outform",
            "DER",
            "-out",
            target / "openssl-encrypted.p7m",
            certificate,
        )
        openssl(
            "cms",
            "-encrypt",
            "-aes256",
            "-binary",
            "-in",
            work / "data",
            "-outform",
            "SMIME",
            "-out",
            target / "openssl-mail.p7m",
            certificate,
        )
        (target / "private-key--openssl.pem").write_bytes(
            certificate.read_bytes() + key.read_bytes()
        )
        openssl(
            "pkcs8",
            "-topk8",
            "-in",
            key,
            "-passout",
            "pass:secret",
            "-out",
            target / "private-key-encrypted--openssl.pem",
        )
        openssl("rsa", "-in", key, "-traditional", "-out", target / "private-key-rsa--openssl.crt")
        openssl(
            "pkcs8",
            "-topk8",
            "-nocrypt",
            "-in",
            key,
            "-outform",
            "DER",
            "-out",
            target / "private-key-der--openssl.cer",
        )
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "as2", "-f", work / "ssh"],
            check=True,
        )
        shutil.copy(work / "ssh", target / "private-key--ssh-keygen.txt")


def openssl(*arguments: object) -> bytes:
    """Run openssl; return its standard output."""
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True).stdout
