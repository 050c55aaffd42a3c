"""Certificates for a server on this machine, made by the ``openssl`` command."""

import shutil
import ssl
import subprocess
from pathlib import Path

import msgspec

from support.needs import require

_KEY_OPTIONS = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


class Certificate(msgspec.Struct, frozen=True):
    """A certificate that vouches for itself, and its key."""

    certificate: Path
    key: Path

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a server that has it."""
        return {
            "TALLYBOOK_TLS_CERTIFICATE": str(self.certificate),
            "TALLYBOOK_TLS_KEY": str(self.key),
        }

    @property
    def trust(self) -> ssl.SSLContext:
        """How a client trusts it, and nothing else."""
        return ssl.create_default_context(cafile=str(self.certificate))


def make_certificate(folder: Path, password: str = "") -> Certificate:
    """A certificate for ``localhost`` and 127.0.0.1; with a password, its key is encrypted."""
    openssl = shutil.which("openssl")
    require("openssl", present=openssl is not None)
    assert openssl
    folder.mkdir(parents=True, exist_ok=True)
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    secrecy = ("-passout", f"pass:{password}") if password else ("-nodes",)
    subprocess.run(
        [openssl, "req", "-x509", *_KEY_OPTIONS, *secrecy, "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(made.key), "-out", str(made.certificate)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return made
