"""Survival: processes are killed under mixed load; what was acknowledged must be there, what was revoked stays revoked.

Supervisor, keeper and workers are killed from outside; workers and keeper also kill themselves between a commit and its
publication to the other processes (the setting test_kill_at), where a cache could go on saying what is no longer true.

`python scripts/prove/survival.py [KILLS]` prints one JSON object.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
sys.path.insert(0, str(Path(__file__).parents[2]))
import load
from tests.conftest import Process

CLIENTS = 8
USES = 4
"""How often a grant is tried: each time on a new connection, which goes to any of the workers."""
KILL_AT = "committed:60"


class Client(threading.Thread):
    """One caller: makes keys, grants and ciphertexts, revokes, and remembers what was acknowledged.

    `stranger` is the grantee: it may use a key only by a grant, so that it shows whether one is in force.
    """

    def __init__(
        self, server: Process, keys: load.Keys, grantee: str, seed: int, stranger: Client | None = None
    ) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.stranger = stranger
        self.keys = keys
        self.grantee = grantee
        self.random = random.Random(seed)
        self.leave = threading.Event()
        self.acknowledged: list[tuple[str, str]] = []  # request id, event name
        self.made: list[str] = []
        self.clear: list[str] = []  # keys of which it is known that no grant is in force
        self.grants_that_worked = 0
        self.used_after_revocation = 0
        self.revoked: list[tuple[str, str]] = []
        self.blobs: list[tuple[str, bytes]] = []
        self.refused = 0

    def call(self, operation: str, body: dict[str, Any]) -> dict[str, Any] | None:
        host = self.server.url.partition("//")[2]
        raw = load.sign(
            self.keys,
            "kms",
            "us-east-1",
            host,
            f"TrentService.{operation}",
            json.dumps(body).encode(),
            moment=time.time(),
        )
        head, _, content = raw.partition(b"\r\n\r\n")
        headers = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n")[1:])
        connection = http.client.HTTPConnection(host, timeout=15)
        try:
            connection.request("POST", "/", content, headers)
            response = connection.getresponse()
            answer = json.loads(response.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError):
            return None  # nothing was acknowledged
        finally:
            connection.close()
        if response.status != 200:
            self.refused += 1
            return None
        self.acknowledged.append((response.headers["x-amzn-requestid"], operation))
        return answer

    def run(self) -> None:
        while not self.leave.is_set():
            choice = self.random.random()
            if choice < 0.4 or not self.made:
                answer = self.call("CreateKey", {"Description": "survival"})
                if answer:
                    self.made.append(answer["KeyMetadata"]["KeyId"])
                    self.clear.append(answer["KeyMetadata"]["KeyId"])
            elif choice < 0.7:
                key = self.random.choice(self.made)
                answer = self.call("Encrypt", {"KeyId": key, "Plaintext": base64.b64encode(b"kept").decode()})
                if answer:
                    self.blobs.append((key, base64.b64decode(answer["CiphertextBlob"])))
            elif self.clear:
                self.grant_and_revoke(self.clear.pop(self.random.randrange(len(self.clear))))

    def grant_and_revoke(self, key: str) -> None:
        """Give a grant, have it used, take it back: from the answer on it must not work, in any worker."""
        assert self.stranger is not None
        grant = {"KeyId": key, "GranteePrincipal": self.grantee, "Operations": ["Decrypt", "Encrypt"]}
        given = self.call("CreateGrant", grant)
        if not given:
            return
        use = {"KeyId": key, "Plaintext": "eA=="}
        self.grants_that_worked += sum(self.stranger.call("Encrypt", use) is not None for _ in range(USES))
        if self.call("RevokeGrant", {"KeyId": key, "GrantId": given["GrantId"]}) is None:
            return
        self.revoked.append((key, given["GrantId"]))
        self.used_after_revocation += sum(self.stranger.call("Encrypt", use) is not None for _ in range(USES))
        self.clear.append(key)


def main(kills: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="casemate-survival-") as folder:
        data = Path(folder) / "data"
        started = time.time()
        environment = {"CASEMATE_TEST_KILL_AT": KILL_AT, "CASEMATE_LOG_LEVEL": "warning"}
        server = Process(data, "--workers", "2", "--test", environment=environment)
        server.ready()
        keys = json.loads((data / "credentials.json").read_text())
        iam = server.client("iam", attempts=5)
        grantee = iam.create_user(UserName="grantee")["User"]["Arn"]
        made = iam.create_access_key(UserName="grantee")["AccessKey"]
        grantee_keys = load.Keys(made["AccessKeyId"], made["SecretAccessKey"])
        signer = load.Keys(keys["access_key_id"], keys["secret_access_key"])
        strangers = [Client(server, grantee_keys, grantee, seed) for seed in range(CLIENTS)]
        clients = [Client(server, signer, grantee, seed, stranger) for seed, stranger in enumerate(strangers)]
        for client in clients:
            client.start()
        counts = {"worker": 0, "keeper": 0, "supervisor": 0}
        roles = ["worker", "worker", "keeper", "worker", "supervisor"]
        number = 0
        while number < kills:
            time.sleep(random.uniform(0.3, 1.0))
            role = roles[number % len(roles)]
            if role == "supervisor":
                port = server.url.rpartition(":")[2]
                children = server.pids("worker") + server.pids("keeper")
                server.popen.kill()
                server.popen.wait()
                wait_until_gone(children)
                options = ("--workers", "2", "--test", "--listen", f"127.0.0.1:{port}")
                server = Process(data, *options, environment=environment)
                server.ready()
                for client in [*clients, *strangers]:
                    client.server = server
            else:
                pids = server.pids(role)
                if not pids:
                    continue  # it has just killed itself
                with contextlib.suppress(ProcessLookupError):
                    os.kill(random.choice(pids), signal.SIGKILL)
            counts[role] += 1
            number += 1
        time.sleep(1.0)
        for client in clients:
            client.leave.set()
        for client in clients:
            client.join(30)
        time.sleep(1.0)
        port = server.url.rpartition(":")[2]
        server.stop()
        server = Process(data, "--workers", "2", "--test", "--listen", f"127.0.0.1:{port}")
        server.ready()
        result = verify(server, clients, signer, grantee_keys, grantee)
        deaths = server.log.read_text().count('"code":-9')
        server.stop()
        done = subprocess.run(
            [sys.executable, "-m", "casemate.cli.main", "audit", "--verify", "--data", str(data)],
            capture_output=True,
            text=True,
            check=False,
        )
        result["missing_audit_records"] = missing_records(data, [*clients, *strangers])
        return {
            "kills": counts,
            "kills_between_commit_and_publication": max(0, deaths - counts["worker"] - counts["keeper"]),
            "seconds": round(time.time() - started, 1),
            **result,
            "audit_chains_hold": done.returncode == 0,
            "audit_verdict": done.stderr.strip()[-200:],
        }


def wait_until_gone(pids: list[int]) -> None:
    until = time.monotonic() + 15
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < until, "children outlived their supervisor"
        time.sleep(0.02)


def verify(
    server: Process, clients: list[Client], signer: load.Keys, grantee_keys: load.Keys, grantee: str
) -> dict[str, Any]:
    checker = Client(server, signer, grantee, 0)
    stranger = Client(server, grantee_keys, grantee, 0)
    made = [key for client in clients for key in client.made]
    revoked = [pair for client in clients for pair in client.revoked]
    blobs = [pair for client in clients for pair in client.blobs]
    lost = sum(checker.call("DescribeKey", {"KeyId": key}) is None for key in made)
    living = {key for key, _ in revoked}
    # New connections are spread over the workers: each key is asked for several times.
    open_grants = 0
    for key in list(living)[:200]:
        grants = checker.call("ListGrants", {"KeyId": key}) or {"Grants": []}
        gone = {grant for other, grant in revoked if other == key}
        if any(grant["GrantId"] in gone for grant in grants["Grants"]):
            open_grants += 1
        if not grants["Grants"]:
            for _ in range(4):
                if stranger.call("Encrypt", {"KeyId": key, "Plaintext": "eA=="}) is not None:
                    open_grants += 1
    unreadable = sum(
        checker.call("Decrypt", {"CiphertextBlob": base64.b64encode(blob).decode()}) is None for _, blob in blobs
    )
    return {
        "acknowledged": sum(len(client.acknowledged) for client in clients),
        "keys_made": len(made),
        "keys_lost": lost,
        "grants_revoked": len(revoked),
        "revoked_grants_that_still_work_after_restart": open_grants,
        "ciphertexts": len(blobs),
        "ciphertexts_lost": unreadable,
        "refused_during_load": sum(client.refused for client in clients),
        "grants_that_worked_before": sum(client.grants_that_worked for client in clients),
        "grants_used_after_revocation": sum(client.used_after_revocation for client in clients),
    }


def missing_records(data: Path, clients: list[Client]) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "casemate.cli.main", "audit", "--data", str(data)],
        capture_output=True,
        text=True,
        check=True,
    )
    seen = {json.loads(line).get("requestID") for line in done.stdout.splitlines()}
    return sum(request not in seen for client in clients for request, _ in client.acknowledged)


def holds(result: dict[str, Any]) -> bool:
    """Whether it is what was promised; and whether enough happened for it to mean something."""
    lost = (
        "keys_lost",
        "ciphertexts_lost",
        "missing_audit_records",
        "grants_used_after_revocation",
        "revoked_grants_that_still_work_after_restart",
    )
    happened = ("keys_made", "ciphertexts", "grants_revoked", "grants_that_worked_before")
    return (
        not any(result[name] for name in lost)
        and all(result[name] for name in happened)
        and result["audit_chains_hold"]
        and result["kills_between_commit_and_publication"] > 0
    )


if __name__ == "__main__":
    found = main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
    print(json.dumps({"what": "survival of kill -9", **found}, indent=1))
    sys.exit(0 if holds(found) else 1)
