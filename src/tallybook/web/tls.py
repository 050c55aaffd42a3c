"""The certificate that a server speaks https with, checked before anything else is opened."""

import ssl
from pathlib import Path
from typing import NoReturn

from tallybook.settings import Settings

_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
_KEY = b"PRIVATE KEY-----"


class InvalidCertificate(ValueError):
    """The certificate or its key is missing, cannot be read, or the two do not fit."""


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """How to speak TLS 1.2 or newer by the settings; None when http is to be served.

    Raises InvalidCertificate.
    """
    certificate, key = settings.tls_certificate, settings.tls_key
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        given, missing = "tls_certificate", "tls_key"
        if certificate is None:
            given, missing = missing, given
        raise InvalidCertificate(f"{given} is set and {missing} is not; https needs both.")
    _check(certificate, "tls_certificate", _CERTIFICATE)
    _check(key, "tls_key", _KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2

    def ask_for_password() -> NoReturn:
        # Without this, the library would ask whoever sits at the terminal.
        raise InvalidCertificate(f"tls_key: {key} is encrypted; give one that is not.")

    try:
        context.load_cert_chain(certificate, key, ask_for_password)
    except ssl.SSLError as fault:
        raise InvalidCertificate(
            f"tls_key: {key} is not the key of the certificate in {certificate}."
            if fault.reason == "KEY_VALUES_MISMATCH"
            else f"tls_certificate {certificate} and tls_key {key} cannot be used: {fault.reason}."
        ) from fault
    return context


def _check(path: Path, name: str, mark: bytes) -> None:
    """Return when a file can be read and looks like what it is to be."""
    try:
        text = path.read_bytes()
    except OSError as fault:
        raise InvalidCertificate(f"{name}: {path} cannot be read: {fault.strerror}.") from fault
    if mark not in text:
        raise InvalidCertificate(
            f"{name}: {path} has no line with {mark.decode()}; it must be PEM."
        )
