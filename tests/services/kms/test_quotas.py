"""Resource quotas that no race passes, and request quotas that workers share."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from casemate.foundation.caller import Caller
from casemate.foundation.context import Context, Origin
from casemate.foundation.errors import ServiceError
from casemate.foundation.records import AlreadyExists, Store
from casemate.foundation.settings import environment_with
from casemate.services.kms import aliases, grants, keys, quotas, records
from casemate.services.kms.request_quotas import Buckets, groups_of, rate_of

ACCOUNT = "123456789012"
REGION = "us-east-1"
KEY = "00000000-0000-4000-8000-000000000001"
OTHER = "00000000-0000-4000-8000-000000000002"
AT_ONCE = 5000


class Dispatcher:
    """Knows every principal, by no id."""

    def principal_exists(self, *_: Any) -> bool:
        return True

    def principal_id(self, *_: Any) -> None:
        return None


class Seal:
    """Seals nothing: what is sealed is not looked at here."""

    def wrap(self, secret: bytes, _place: Any) -> bytes:
        return b"sealed" + secret


class Host:
    dispatcher = Dispatcher()
    seal = Seal()


class Requests:
    """Runs operations of KMS against a store, with no policies; `begin` leaves the unit to be committed."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def begin(self, operation: Any, loaded: Any = None, **request: Any) -> Any:
        arn = f"arn:aws:iam::{ACCOUNT}:user/admin"
        caller = Caller(kind="user", account=ACCOUNT, arn=arn, name="admin")
        host: Any = Host()
        unit = self.store.unit()
        context = Context("kms", operation.name, REGION, "aws", caller, "id", 1000.0, unit, Origin(), host)
        context.loaded = loaded
        operation.run(context, request)
        return context.unit

    def do(self, operation: Any, loaded: Any = None, **request: Any) -> None:
        self.store.submit(self.begin(operation, loaded, **request)).result()


def key_of(id_: str, place: int | None = None) -> records.Key:
    arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{id_}"
    spec, usage = "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"
    return records.Key(id_, arn, ACCOUNT, REGION, 0.0, spec, usage, "", place=place)


@pytest.fixture
def requests(tmp_path: Path) -> Iterator[Requests]:
    store = Store.open(tmp_path / "store.db", name=REGION, create=True)
    unit = store.unit()
    for each in (KEY, OTHER):
        unit.put(records.KEYS, ACCOUNT, each, key_of(each))
    store.submit(unit).result()
    yield Requests(store)
    store.close()


def fill(store: Store, count: int, put: Callable[[Any, int], None]) -> None:
    for begin in range(0, count, AT_ONCE):
        unit = store.unit()
        for number in range(begin, min(count, begin + AT_ONCE)):
            put(unit, number)
        store.submit(unit).result()


def test_two_requests_for_the_last_alias_of_a_key_give_one(requests: Requests) -> None:
    key = key_of(KEY)
    for number in range(quotas.ALIASES_OF_A_KEY - 1):
        requests.do(aliases.create_alias, key, AliasName=f"alias/n{number}", TargetKeyId=KEY)
    first, second = (
        requests.begin(aliases.create_alias, key, AliasName=f"alias/last{each}", TargetKeyId=KEY) for each in "ab"
    )
    requests.store.submit(first).result()
    with pytest.raises(AlreadyExists):
        requests.store.submit(second).result()
    with pytest.raises(ServiceError, match="50 aliases") as caught:
        requests.begin(aliases.create_alias, key, AliasName="alias/lastb", TargetKeyId=KEY)
    assert caught.value.code == "LimitExceededException"
    alias = requests.store.reader.get(records.ALIASES, ACCOUNT, "alias/n7")
    requests.do(aliases.update_alias, (alias, key, key_of(OTHER)), AliasName="alias/n7", TargetKeyId=OTHER)
    requests.do(aliases.create_alias, key, AliasName="alias/lastb", TargetKeyId=KEY)


def test_alias_that_moves_onto_a_full_key_is_refused_and_one_that_stays_is_not(requests: Requests) -> None:
    key, other = key_of(KEY), key_of(OTHER)
    for number in range(quotas.ALIASES_OF_A_KEY):
        requests.do(aliases.create_alias, key, AliasName=f"alias/n{number}", TargetKeyId=KEY)
    requests.do(aliases.create_alias, other, AliasName="alias/other", TargetKeyId=OTHER)
    moving = requests.store.reader.get(records.ALIASES, ACCOUNT, "alias/other")
    with pytest.raises(ServiceError, match="50 aliases"):
        requests.begin(aliases.update_alias, (moving, other, key), AliasName="alias/other", TargetKeyId=KEY)
    staying = requests.store.reader.get(records.ALIASES, ACCOUNT, "alias/n0")
    requests.do(aliases.update_alias, (staying, key, key), AliasName="alias/n0", TargetKeyId=KEY)


def test_key_with_as_many_grants_as_it_may_have_takes_none_until_one_goes(
    requests: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quotas.GRANTS_OF_A_KEY == 50_000
    monkeypatch.setattr(quotas, "GRANTS_OF_A_KEY", 2000)  # as many as can be made in a moment

    def put(unit: Any, number: int) -> None:
        grant = records.Grant(f"{number:064x}", ACCOUNT, KEY, "root", 0.0, ("Decrypt",), place=number)
        unit.add(records.GRANTS, "", grant.id, grant)

    fill(requests.store, 2000, put)
    asked = {"KeyId": KEY, "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:user/u", "Operations": ["Encrypt"]}
    key = key_of(KEY)
    for _ in range(2):  # that there is no place is found once, and then remembered
        with pytest.raises(ServiceError, match="2000 grants") as caught:
            requests.begin(grants.create_grant, key, **asked)
        assert caught.value.code == "LimitExceededException"
    unit = requests.store.unit()
    unit.delete(records.GRANTS, "", f"{1337:064x}")
    requests.store.submit(unit).result()
    unit = requests.begin(grants.create_grant, key, **asked)
    assert [write.record.place for write in unit.writes.values() if write.record] == [1337]


def test_account_with_as_many_keys_as_it_may_have_takes_no_other(
    requests: Requests, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quotas.KEYS_OF_AN_ACCOUNT == 100_000
    monkeypatch.setattr(quotas, "KEYS_OF_AN_ACCOUNT", 2000)  # as many as can be made in a moment

    def put(unit: Any, number: int) -> None:
        id_ = f"00000000-0000-4000-9000-{number:012x}"
        unit.add(records.KEYS, ACCOUNT, id_, key_of(id_, number))

    fill(requests.store, 2000, put)
    with pytest.raises(ServiceError, match="2000 KMS keys") as caught:
        requests.begin(keys.create_key)
    assert caught.value.code == "LimitExceededException"


def test_an_eleventh_custom_key_store_is_refused_however_many_ask_at_once(kms: Any) -> None:
    def make(number: int) -> str:
        try:
            kms.create_custom_key_store(
                CustomKeyStoreName=f"store {number}",
                CustomKeyStoreType="EXTERNAL_KEY_STORE",
                XksProxyUriEndpoint=f"https://proxy{number}.example.com",
                XksProxyUriPath="/kms/xks/v1",
                XksProxyConnectivity="VPC_ENDPOINT_SERVICE",
                XksProxyVpcEndpointServiceName=f"com.amazonaws.vpce.us-east-1.vpce-svc-{number:017x}",
                XksProxyAuthenticationCredential={
                    "AccessKeyId": "ABCDEFGHIJKLMNOPQRST",
                    "RawSecretAccessKey": "s" * 43,
                },
            )
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "made"

    with ThreadPoolExecutor(7) as pool:
        answers = list(pool.map(make, range(14)))
    assert answers.count("made") == 10
    assert set(answers) == {"made", "LimitExceededException"}
    assert len(kms.describe_custom_key_stores()["CustomKeyStores"]) == 10


def test_aliases_of_a_key_stay_fifty_however_many_ask_at_once(kms: Any, key: str) -> None:
    def make(number: int) -> str:
        try:
            kms.create_alias(AliasName=f"alias/n{number}", TargetKeyId=key)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "made"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(make, range(60)))
    assert answers.count("made") == 50
    assert answers.count("LimitExceededException") == 10


def test_bucket_holds_a_second_and_fills_with_time(tmp_path: Path) -> None:
    buckets = Buckets(tmp_path / "map")
    taken = [buckets.take("a", 5.0, 100.0) for _ in range(7)]
    assert taken == [True] * 5 + [False] * 2
    assert not buckets.take("a", 5.0, 100.1)
    assert buckets.take("a", 5.0, 100.3)
    assert buckets.take("b", 5.0, 100.3)
    assert [buckets.take("slow", 0.25, at) for at in (10.0, 11.0, 13.9, 14.1)] == [True, False, False, True]


def test_bucket_survives_a_clock_that_steps_back(tmp_path: Path) -> None:
    buckets = Buckets(tmp_path / "map")
    assert [buckets.take("a", 1.0, at) for at in (100.0, 50.0, 51.1)] == [True, False, True]


TAKE = """
import sys
from pathlib import Path
from casemate.services.kms.request_quotas import Buckets
buckets = Buckets(Path(sys.argv[1]))
print(sum(buckets.take("a", 1000.0, 100.0) for _ in range(800)))
"""


def test_processes_share_a_bucket(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TAKE, str(tmp_path / "map")]
    takers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sum(int(taker.communicate(timeout=30)[0]) for taker in takers) == 1000


@pytest.mark.parametrize(
    ("operation", "request_", "spec", "group"),
    [
        ("Encrypt", {}, "SYMMETRIC_DEFAULT", "symmetric"),
        ("GenerateMac", {}, "HMAC_256", "symmetric"),
        ("Decrypt", {}, "RSA_2048", "RSA"),
        ("Sign", {}, "ECC_NIST_P256", "ECC"),
        ("Sign", {}, "ML_DSA_44", "ML"),
        ("GenerateDataKeyPair", {"KeyPairSpec": "RSA_4096"}, "SYMMETRIC_DEFAULT", "GenerateDataKeyPair/RSA_4096"),
        ("DescribeKey", {}, "RSA_2048", "DescribeKey"),
    ],
)
def test_operations_share_the_quotas_of_the_guide(
    operation: str, request_: dict[str, str], spec: str, group: str
) -> None:
    key = msgspec.structs.replace(key_of(KEY), spec=spec)
    assert list(groups_of(operation, request_, key)) == [group]


def test_keys_of_a_custom_key_store_share_its_quota() -> None:
    key = msgspec.structs.replace(key_of(KEY), custom_key_store="cks-1")
    assert list(groups_of("Encrypt", {}, key)) == ["store/cks-1"]
    assert rate_of("store/cks-1", REGION) == 1800


def test_symmetric_quota_is_the_regions() -> None:
    assert [rate_of("symmetric", each) for each in ("us-east-1", "eu-central-1", "sa-east-1")] == [50_000, 10_000, 5500]
    assert rate_of("GetKeyLastUsage", REGION) is None


def test_server_throttles_by_account_over_all_workers_in_the_words_of_aws(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("casemate")), "up", "--data", str(tmp_path / "data")]
    command += ["--listen", "127.0.0.1:0", "--workers", "2", "--test"]
    environment = environment_with(CASEMATE_KMS_REQUEST_QUOTAS="default")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    try:
        assert process.stdout is not None
        url = re.match(r"ready (\S+)", process.stdout.readline())
        assert url
        facts = msgspec.json.decode((tmp_path / "data" / "credentials.json").read_bytes())
        answers, seconds = _many_keys(url[1], facts)
    finally:
        process.terminate()
        process.communicate(timeout=30)
    refused = [each for each in answers if each is not None]
    told = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
    assert {(each["Error"]["Code"], each["Error"]["Message"]) for each in refused} == {("ThrottlingException", told)}
    assert {each["ResponseMetadata"]["HTTPStatusCode"] for each in refused} == {400}
    assert 5 <= answers.count(None) <= 5 + 5 * seconds + 1


def _many_keys(url: str, facts: dict[str, str]) -> tuple[list[Any], float]:
    session = boto3.Session()

    def make(_: int) -> Any:
        client = session.client(  # a connection of its own, so that both workers are met
            "kms",
            endpoint_url=url,
            region_name=REGION,
            aws_access_key_id=facts["access_key_id"],
            aws_secret_access_key=facts["secret_access_key"],
            config=Config(retries={"total_max_attempts": 1}),
        )
        try:
            client.create_key()
        except ClientError as error:
            return error.response
        return None

    began = time.monotonic()
    answers = [make(number) for number in range(24)]
    return answers, time.monotonic() - began
