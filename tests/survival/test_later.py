"""What happens later: it waits for the keeper, is done once, and a region that is gone keeps no other from working."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.conftest import Process, eventually
from tests.services.kms.keeper import stop_outside_commits

from casemate.foundation.node import Node

Start = Callable[..., Process]
THERE = "eu-west-1"


def state(client: Any, key: str) -> str:
    """The key's state; `gone` where there is no such key."""
    try:
        return str(client.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])
    except client.exceptions.NotFoundException:
        return "gone"


def events(server: Process, name: str, key: str) -> list[dict[str, Any]]:
    """The audit records of an event that are about a key."""
    listed = server.command("audit").stdout.splitlines()
    records = [json.loads(line) for line in listed if key in line]
    return [record for record in records if record.get("eventName") == name]


@pytest.mark.parametrize("replaced", [False, True], ids=["goes on", "is replaced"])
def test_replica_and_timer_wait_for_a_keeper_that_is_stopped_and_complete_once(start: Start, *, replaced: bool):
    server = start("--workers", "1", "--test")
    server.ready()
    here, there = server.client("kms"), server.client("kms", THERE)
    doomed = here.create_key()["KeyMetadata"]["KeyId"]
    here.schedule_key_deletion(KeyId=doomed, PendingWindowInDays=7)
    primary = here.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    blob = here.encrypt(KeyId=primary, Plaintext=b"kept")["CiphertextBlob"]
    # The seconds that are left pass while nobody is there to see it.
    assert server.command("clock", "advance", str(7 * 86400 - 4) + "s").returncode == 0
    (keeper,) = server.pids("keeper")
    eventually(lambda: stop_outside_commits(keeper, server.data))
    assert state(here, doomed) == "PendingDeletion"
    here.replicate_key(KeyId=primary, ReplicaRegion=THERE)
    time.sleep(5.0)  # the keeper is another process, on real time
    assert (state(here, doomed), state(there, primary)) == ("PendingDeletion", "Creating")
    with pytest.raises(there.exceptions.KMSInvalidStateException):
        there.decrypt(CiphertextBlob=blob)
    if replaced:
        os.kill(keeper, signal.SIGKILL)
    os.kill(keeper, signal.SIGCONT)
    eventually(lambda: (state(here, doomed), state(there, primary)) == ("gone", "Enabled"))
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"
    assert (server.pids("keeper") != [keeper]) is replaced
    time.sleep(0.5)  # whoever would do it a second time has had several rounds
    assert len(events(server, "DeleteKey", doomed)) == 1
    assert len(events(server, "SynchronizeMultiRegionKey", primary)) == 1


def test_other_region_decrypts_while_one_is_stopped_and_its_files_are_away(start: Start):
    server = start("--workers", "2", "--test")
    server.ready()
    here, there = server.client("kms"), server.client("kms", THERE)
    key = here.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    blob = here.encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
    here.replicate_key(KeyId=key, ReplicaRegion=THERE)
    eventually(lambda: state(there, key) == "Enabled")
    assert server.command("region", "stop", "us-east-1").returncode == 0
    folder = Node(server.data).generation(Node(server.data).facts().generation) / "regions" / "us-east-1"
    away = server.data.parent / "away"
    folder.rename(away)
    for _ in range(4):  # each worker
        assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"
        with pytest.raises(here.exceptions.ClientError) as refusal:
            here.decrypt(CiphertextBlob=blob)
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    new = there.create_key()["KeyMetadata"]["KeyId"]
    assert server.stop() == 0
    again = start("--workers", "1", "--test")
    again.ready()
    there = again.client("kms", THERE)
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"
    assert state(there, new) == "Enabled"
    assert not folder.exists()
    away.rename(folder)
    assert again.command("region", "start", "us-east-1").returncode == 0
    assert again.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"
