"""Bodies from a client that keeps to the windows it was given (RFC 9113, 5.2)."""

from __future__ import annotations

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RemoteSettingsChanged, ResponseReceived, StreamEnded
from h2.settings import SettingCodes

from casemate.edge.proxy.http2.connection import WINDOW

HEAD = [(":method", "POST"), (":scheme", "https"), (":authority", "a.example"), (":path", "/up")]


def upload(socket, size):
    """Send a body as far as the windows allow, again and again; the status of the answer."""
    client = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
    client.initiate_connection()
    client.send_headers(1, HEAD)
    left, status, heard = size, None, False
    socket.settimeout(10)
    while True:
        window = min(client.local_flow_control_window(1), client.max_outbound_frame_size, left) if heard else 0
        if window:
            left -= window
            client.send_data(1, b"x" * window, end_stream=not left)
        socket.sendall(client.data_to_send())
        if window:
            continue
        for event in client.receive_data(socket.recv(65_536)):
            if isinstance(event, RemoteSettingsChanged):
                heard = True
            if isinstance(event, ResponseReceived):
                status = dict(event.headers)[":status"]
            if isinstance(event, DataReceived):
                client.acknowledge_received_data(event.flow_controlled_length, 1)
            if isinstance(event, StreamEnded):
                return status


@pytest.mark.parametrize("size", [65_535, 65_536, 300_000, 3_000_000])
def test_body_beyond_the_first_window_arrives(edge, application, certificates, size):
    edge.start([application.address], certificates=certificates)
    with edge.connect(alpn="h2") as connection:
        assert upload(connection, size) == "200"
    assert application.requests[0].count(b"x" * 1_000) >= size // 1_000 - 200


def test_preface_announces_the_window(edge, application, certificates):
    edge.start([application.address], certificates=certificates)
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    with edge.connect(alpn="h2") as connection:
        connection.settimeout(10)
        connection.sendall(client.data_to_send())
        while client.remote_settings.initial_window_size == 65_535:
            client.receive_data(connection.recv(65_536))
    assert client.remote_settings.initial_window_size == WINDOW
    assert client.remote_settings[SettingCodes.ENABLE_PUSH] == 0
