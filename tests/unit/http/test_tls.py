"""Certificates are checked against the URL's name, whatever address it resolved to."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.clock import SystemClock
from shared.domain.addresses import EgressPolicy
from shared.domain.captures import FailureKind, FetchFailed
from shared.http.client import GuardedClient
from shared.http.tls import made_context
from tests.unit.http.conftest import Serve

TODAY = SystemClock().now()
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


class Authority:
    """A certificate authority of the tests' own."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self.certificate = (
            self._builder(self.name, self.key, TODAY + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, until: datetime) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(LONG_AGO)
            .not_valid_after(until)
        )

    def server_context(self, folder: Path, host: str, until: datetime = TODAY + timedelta(days=1)) -> ssl.SSLContext:
        """What a server for a host presents."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            name: x509.GeneralName = x509.IPAddress(ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        builder = self._builder(x509.Name([]), key, until)
        signed = builder.add_extension(x509.SubjectAlternativeName([name]), critical=True).sign(
            self.key, hashes.SHA256()
        )
        pem = signed.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "server.pem").write_bytes(pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem")
        return context

    def trusting_context(self) -> ssl.SSLContext:
        """A client's context that trusts this authority too."""
        context = made_context()
        context.load_verify_locations(cadata=self.certificate.public_bytes(serialization.Encoding.PEM).decode())
        return context


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def client_for(tls: ssl.SSLContext) -> GuardedClient:
    policy = EgressPolicy(allow_loopback=True, allowed_ports=None)
    return GuardedClient(policy, SystemClock(), tls=tls, lookup=lambda host: ["127.0.0.1"])


@pytest.mark.parametrize("host", ["terms.example", "127.0.0.1", "localhost"])
def test_the_right_certificate_is_accepted(authority: Authority, serve: Serve, tmp_path: Path, host: str) -> None:
    server = serve(lambda c: c.answer(200, c.headers["host"].encode()), authority.server_context(tmp_path, host))
    with client_for(authority.trusting_context()) as client:
        assert client.get(server.url(host=host)).body == f"{host}:{server.port}".encode()


@pytest.mark.parametrize(
    ("certified", "until", "why"),
    [
        ("other.example", TODAY + timedelta(days=1), "Hostname mismatch"),
        ("127.0.0.1", TODAY + timedelta(days=1), "Hostname mismatch"),
        ("terms.example", LONG_AGO + timedelta(days=1), "expired"),
    ],
)
def test_a_wrong_name_and_an_expired_certificate_are_refused(
    authority: Authority, serve: Serve, tmp_path: Path, certified: str, until: datetime, why: str
) -> None:
    server = serve(lambda c: c.answer(), authority.server_context(tmp_path, certified, until))
    with client_for(authority.trusting_context()) as client, pytest.raises(FetchFailed) as caught:
        client.get(server.url(host="terms.example"))
    assert caught.value.kind is FailureKind.TLS
    assert why in caught.value.detail
    assert server.seen == []


def test_an_unknown_authority_is_refused(
    authority: Authority, serve: Serve, tmp_path: Path, tls_context: ssl.SSLContext
) -> None:
    server = serve(lambda c: c.answer(), authority.server_context(tmp_path, "terms.example"))
    with client_for(tls_context) as client, pytest.raises(FetchFailed) as caught:
        client.get(server.url(host="terms.example"))
    assert caught.value.kind is FailureKind.TLS


def test_a_server_that_speaks_no_tls_is_a_tls_failure(tls_context: ssl.SSLContext) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def greet() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        with client_for(tls_context) as client, pytest.raises(FetchFailed) as caught:
            client.get(f"https://127.0.0.1:{port}/", deadline_s=5)
        thread.join(5)
    assert caught.value.kind is FailureKind.TLS
