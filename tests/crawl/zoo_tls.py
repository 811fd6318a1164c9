"""Animals behind TLS: certificates that are expired, of another name, of nobody; handshakes that break."""

from __future__ import annotations

import ssl
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backlink_crawler.model import Outcome
from tests.crawl.zoo import House, Reset, answer

if TYPE_CHECKING:
    from collections.abc import Iterator

TLS = House()
LINK = b'<a href="http://before.example/">before</a>'
BEFORE = ("http://before.example/",)


def certificate(name: str, *, days: int) -> ssl.SSLContext:
    """A context with a self-signed certificate that ends so many days from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = datetime.now(UTC) + timedelta(days=days)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(end - timedelta(days=30))
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "both.pem")
        file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(pem))
        context.load_cert_chain(file)
    return context


def greeting() -> ssl.SSLContext:
    """Whom a visitor asks for decides with which certificate, or whether at all, it is answered."""
    context = certificate("nobody.invalid", days=20)
    others = {"an-expired-certificate.test": certificate("an-expired-certificate.test", days=-5)}

    def greet(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        if name == "a-handshake-refused.test":
            return ssl.AlertDescription.ALERT_DESCRIPTION_HANDSHAKE_FAILURE
        if name == "a-name-unrecognised.test":
            return ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = others.get(name or "", context)
        return None

    context.sni_callback = greet
    return context


@TLS.animal(Outcome.OK, links=BEFORE)
def an_expired_certificate() -> bytes:
    """Read all the same, as search engines do."""
    return answer(LINK)


@TLS.animal(Outcome.OK, links=BEFORE)
def a_certificate_of_another_name() -> bytes:
    """By nobody that anyone knows, too."""
    return answer(LINK)


# After a broken handshake, robots.txt is asked for without TLS at the same port, which closes.
@TLS.animal(Outcome.CONNECTION_ERROR, "closed", visit="/", others={})
def a_handshake_refused() -> bytes:
    return b""


@TLS.animal(Outcome.CONNECTION_ERROR, "closed", visit="/", others={})
def a_name_unrecognised() -> bytes:
    return b""


@TLS.animal(Outcome.INVALID_RESPONSE, "truncated")
def tls_cut_in_the_body() -> Iterator[bytes]:
    yield answer(LINK, "Content-Length: 1000")
    raise Reset


@TLS.animal(Outcome.TOO_LARGE)
def an_endless_body_over_tls() -> Iterator[bytes]:
    yield answer(b"", "Transfer-Encoding: chunked")
    while True:
        yield b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n"


@TLS.animal(Outcome.INVALID_RESPONSE, "head_too_large")
def an_endless_head_over_tls() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"A: b\r\n" * 1_000


@TLS.animal(Outcome.TIMEOUT)
def silence_over_tls() -> Iterator[bytes]:
    time.sleep(60)
    yield b""


# Visited over TLS at a port that speaks plainly.
PLAIN = House()


@PLAIN.animal(Outcome.TLS_ERROR, "handshake", visit="/", others={})
def plain_http_at_a_port_of_tls() -> bytes:
    return answer(LINK)
