"""The world that the table of refusals names by words: keys in every state, tokens, ciphertexts, policies, stores."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore import xform_name
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

KINDS: dict[str, dict[str, Any]] = {
    "symmetric": {},
    "multi": {"MultiRegion": True},
    "hmac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "rsa_sign": {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
    "rsa_encrypt": {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
    "ecc_sign": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    "ed25519": {"KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"},
    "mldsa": {"KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY"},
    "mlkem": {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
    "agree": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    "agree384": {"KeySpec": "ECC_NIST_P384", "KeyUsage": "KEY_AGREEMENT"},
    "external": {"Origin": "EXTERNAL"},
    "external_hmac": {"Origin": "EXTERNAL", "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "external_rsa": {"Origin": "EXTERNAL", "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"},
    "external_p521": {"Origin": "EXTERNAL", "KeySpec": "ECC_NIST_P521", "KeyUsage": "SIGN_VERIFY"},
}
STATES = ("disabled", "pending", "unimported", "tagged", "aliased", "rotated", "failed")
STAYS = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
WRAPPING = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
ABSENT = "00000000-0000-4000-8000-000000000000"
OAEP = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
DONE_WITHIN = 20.0


class World:
    """What the words of the table stand for; what a row calls new is the row's own."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.kms = server.client("kms", parameter_validation=False)
        self.admin: str = server.client("sts").get_caller_identity()["Arn"]
        self.shared: dict[str, Any] = {}
        self.blobs: dict[str, bytes] = {}
        self.materials: dict[str, bytes] = {}
        self.grant_tokens: dict[str, str] = {}
        self.counted = 0
        self._iam = server.client("iam")
        self._worker = server.client("kms", server.user("worker"), parameter_validation=False)

    def worker(self, actions: list[str]) -> Any:
        """A user's client; the user may do these actions and nothing else."""
        document = self.server.document({"Action": actions}) if actions else None
        if document:
            self._iam.put_user_policy(UserName="worker", PolicyName="only", PolicyDocument=document)
        elif self._iam.list_user_policies(UserName="worker")["PolicyNames"]:
            self._iam.delete_user_policy(UserName="worker", PolicyName="only")
        return self._worker

    def number(self) -> int:
        self.counted += 1
        return self.counted

    def tidy(self) -> None:
        """Delete the custom key stores that no other row needs: an account has ten."""
        kept = {self.shared.get("store"), self.shared.get("failed store")}
        for store in self.kms.describe_custom_key_stores()["CustomKeyStores"]:
            if store["CustomKeyStoreId"] not in kept:
                if store["ConnectionState"] != "DISCONNECTED":
                    self.kms.disconnect_custom_key_store(CustomKeyStoreId=store["CustomKeyStoreId"])
                self.kms.delete_custom_key_store(CustomKeyStoreId=store["CustomKeyStoreId"])

    # -- keys

    def make(self, words: str) -> Any:
        """A new thing of this description."""
        *states, kind = words.split()
        if kind == "store":
            return self._store(failed=bool(states))
        if kind == "primary":
            return self._primary()
        if kind == "imported":
            return self._imported({"Origin": "EXTERNAL"})
        state = states[-1] if states and states[-1] in STATES else ""
        if state == "unimported":
            return self._unimported(kind)
        key = str(self.kms.create_key(**KINDS[kind])["KeyMetadata"]["KeyId"])
        if kind == "symmetric":
            self.blobs[key] = self.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        self._bring(key, state)
        return key

    def _bring(self, key: str, state: str) -> None:
        if state == "disabled":
            self.kms.disable_key(KeyId=key)
        elif state == "pending":
            self.kms.schedule_key_deletion(KeyId=key)
        elif state == "tagged":
            self.kms.tag_resource(KeyId=key, Tags=tags(50))
        elif state == "aliased":
            for _ in range(50):
                self.kms.create_alias(AliasName=f"alias/of-many-{self.number()}", TargetKeyId=key)
        elif state == "rotated":
            for _ in range(25):
                self.kms.rotate_key_on_demand(KeyId=key)

    def _unimported(self, kind: str) -> str:
        """A key for imported material that lacks it: a symmetric one had it before."""
        asked = {**KINDS[kind], "Origin": "EXTERNAL"}
        if kind != "symmetric":
            return str(self.kms.create_key(**asked)["KeyMetadata"]["KeyId"])
        key = self._imported(asked)
        self.blobs[key] = self.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        self.kms.delete_imported_key_material(KeyId=key)
        return key

    def _imported(self, asked: Mapping[str, Any]) -> str:
        key = str(self.kms.create_key(**asked)["KeyMetadata"]["KeyId"])
        self.materials[key] = os.urandom(32)
        parameters = self.kms.get_parameters_for_import(KeyId=key, **WRAPPING)
        token, wrapped = parameters["ImportToken"], wrap(parameters, self.materials[key])
        self.kms.import_key_material(KeyId=key, ImportToken=token, EncryptedKeyMaterial=wrapped, **STAYS)
        return key

    def _primary(self) -> str:
        key = self.make("multi")
        self.kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
        there = self.server.client("kms", region="eu-west-1")
        wait(lambda: there.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled")
        return str(key)

    def _store(self, *, failed: bool) -> str:
        number = self.number()
        made = self.kms.create_custom_key_store(
            CustomKeyStoreName=f"store {number}",
            CustomKeyStoreType="EXTERNAL_KEY_STORE",
            XksProxyUriEndpoint=endpoint(number),
            XksProxyUriPath="/kms/xks/v1",
            XksProxyConnectivity="VPC_ENDPOINT_SERVICE",
            XksProxyVpcEndpointServiceName=vpc(number),
            XksProxyAuthenticationCredential=CREDENTIAL,
        )
        store = str(made["CustomKeyStoreId"])
        if failed:
            self.kms.connect_custom_key_store(CustomKeyStoreId=store)
            wait(lambda: self.store(store)["ConnectionState"] == "FAILED")
        return store

    def store(self, store: str) -> Any:
        return self.kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"][0]

    def the(self, words: str) -> Any:
        """The one thing of this description that all rows share."""
        if words not in self.shared:
            self.shared[words] = self._special(words) or self.make(words)
        return self.shared[words]

    def _special(self, words: str) -> Any:
        if words == "managed":
            return self.kms.describe_key(KeyId="alias/aws/rds")["KeyMetadata"]["KeyId"]
        if words == "alias":
            self.kms.create_alias(AliasName="alias/shared", TargetKeyId=self.the("symmetric"))
            return "alias/shared"
        if words == "foreign":
            return self._foreign()
        return None

    def _foreign(self) -> str:
        """A key of another account whose policy allows this one everything."""
        organizations = self.server.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        begun = organizations.create_account(Email="other@example.com", AccountName="other")["CreateAccountStatus"]
        status = organizations.describe_create_account_status(CreateAccountRequestId=begun["Id"])
        account = status["CreateAccountStatus"]["AccountId"]
        role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        entered = self.server.client("sts").assume_role(RoleArn=role, RoleSessionName="tests")
        there = self.server.client("kms", self.server.credentials(entered["Credentials"]))
        trusted = {"AWS": [f"arn:aws:iam::{each}:root" for each in (account, self.server.account)]}
        document = self.server.document({"Principal": trusted, "Action": "kms:*", "Resource": "*"})
        return str(there.create_key(Policy=document)["KeyMetadata"]["Arn"])

    def arn(self, name: str, *, region: str = "us-east-1", account: str = "") -> str:
        return f"arn:aws:kms:{region}:{account or self.server.account}:{name}"


CREDENTIAL = {"AccessKeyId": "ABCDEFGHIJKLMNOPQRST", "RawSecretAccessKey": "s" * 43}


def endpoint(number: int) -> str:
    return f"https://proxy{number}.example.com"


def vpc(number: int) -> str:
    return f"com.amazonaws.vpce.us-east-1.vpce-svc-{number:017x}"


def tags(count: int) -> list[dict[str, str]]:
    return [{"TagKey": f"tag-{number}", "TagValue": "x"} for number in range(count)]


def wrap(parameters: Mapping[str, Any], material: bytes) -> bytes:
    public: Any = load_der_public_key(parameters["PublicKey"])
    return bytes(public.encrypt(material, OAEP))


def changed(blob: bytes) -> bytes:
    return blob[:-1] + bytes([blob[-1] ^ 1])


def wait(done: Any) -> None:
    end = time.monotonic() + DONE_WITHIN
    while not done():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


class Scene:
    """The words of one row, resolved: `$new …` is the same thing in the refused request and in the allowed one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.own: dict[str, Any] = {}
        self.target = ""
        """The key that the allowed request is about."""

    def resolve(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("$"):
            return self.word(value[1:])
        if isinstance(value, list):
            return [self.resolve(each) for each in value]
        if isinstance(value, dict):
            return {name: self.resolve(each) for name, each in value.items()}
        return value

    def request(self, members: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.resolve(value) for name, value in members.items() if value != "$none"}

    def word(self, words: str) -> Any:
        first, _, rest = words.partition(" ")
        if first == "new":
            if rest not in self.own:
                self.own[rest] = self._new(rest)
            return self.own[rest]
        named = getattr(self, f"_{first}", None)
        return named(rest) if named is not None else self.world.the(words)

    def _new(self, words: str) -> Any:
        world = self.world
        if words in {"name", "words", "endpoint", "vpc"}:
            number = world.number()
            made = {"name": f"alias/n{number}", "words": f"words {number}"}
            return made.get(words) or (endpoint(number) if words == "endpoint" else vpc(number))
        if words == "alias":
            name = f"alias/own-{world.number()}"
            world.kms.create_alias(AliasName=name, TargetKeyId=world.the("multi"))
            return name
        if words in {"grant", "grant token"}:
            grantee = {"GranteePrincipal": world.admin, "Operations": ["Decrypt"]}
            made = world.kms.create_grant(KeyId=world.the("symmetric"), **grantee)
            return made["GrantId" if words == "grant" else "GrantToken"]
        return world.make(words)

    def _times(self, rest: str) -> str:
        count, text = rest.split()
        return text * int(count)

    def _tags(self, rest: str) -> Any:
        return tags(int(rest))

    def _in(self, rest: str) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + dt.timedelta(days=int(rest.split(maxsplit=1)[0]))

    def _admin(self, _: str) -> str:
        return self.world.admin

    def _user(self, rest: str) -> str:
        return f"arn:aws:iam::{self.world.server.account}:user/{rest}"

    def _credential(self, _: str) -> Any:
        return CREDENTIAL

    def _absent(self, rest: str) -> str:
        return self.world.arn(f"key/{ABSENT}", account="210987654321") if rest else ABSENT

    def _elsewhere(self, _: str) -> str:
        return self.world.arn(f"key/{self.world.the('symmetric')}", region="eu-central-1")

    def _arn(self, rest: str) -> str:
        return self.world.arn(f"key/{self.world.the(rest)}")

    def _policy(self, rest: str) -> str:
        document, account = self.world.server.document, self.world.server.account
        root = {"Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}
        if rest == "of a stranger":
            return str(document(root, {**root, "Principal": {"AWS": f"arn:aws:iam::{account}:user/stranger"}}))
        if rest == "that locks out":
            return str(document({**root, "Action": "kms:DescribeKey"}))
        whole = str(document(root))
        return whole + " " * 32768 if rest == "too long" else whole

    # -- what keys make

    def _blob(self, rest: str) -> bytes:
        world, key = self.world, self.world.the(rest)
        if key not in world.blobs:
            algorithm = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"} if rest.startswith("rsa") else {}
            world.blobs[key] = world.kms.encrypt(KeyId=key, Plaintext=b"x", **algorithm)["CiphertextBlob"]
        return world.blobs[key]

    def _bound(self, rest: str) -> bytes:
        key = self.world.the(rest.removeprefix("blob "))
        made = self.world.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"Purpose": "test"})
        return bytes(made["CiphertextBlob"])

    def _changed(self, rest: str) -> bytes:
        return changed(self.word(rest))

    def _mac(self, _: str) -> bytes:
        key = self.world.the("hmac")
        return bytes(self.world.kms.generate_mac(KeyId=key, MacAlgorithm="HMAC_SHA_256", Message=b"x")["Mac"])

    def _signature(self, _: str) -> bytes:
        asked = {"KeyId": self.world.the("ecc_sign"), "SigningAlgorithm": "ECDSA_SHA_256", "Message": b"x"}
        return bytes(self.world.kms.sign(**asked)["Signature"])

    def _public(self, rest: str) -> bytes:
        return bytes(self.world.kms.get_public_key(KeyId=self.world.the(rest))["PublicKey"])

    def _encapsulated(self, _: str) -> bytes:
        asked = {"KeyId": self.world.the("mlkem"), "EncapsulationAlgorithm": "ML_KEM"}
        return bytes(self.world.kms.encapsulate(**asked)["SharedSecretCiphertextBlob"])

    # -- imports, for the key that the allowed request is about

    def _parameters(self, which: str) -> Any:
        if which not in self.own:
            self.own[which] = self.world.kms.get_parameters_for_import(KeyId=self.target, **WRAPPING)
        return self.own[which]

    def _token(self, _: str) -> bytes:
        return bytes(self._parameters("parameters")["ImportToken"])

    def _another(self, _: str) -> bytes:
        return bytes(self._parameters("other parameters")["ImportToken"])

    def _wrapped(self, rest: str) -> bytes:
        material = self.world.materials[self.target] if rest == "again" else os.urandom(int(rest))
        return wrap(self._parameters("parameters"), material)

    # -- custom key stores

    def _endpoint(self, _: str) -> str:
        return str(self._proxy()["UriEndpoint"])

    def _vpc(self, _: str) -> str:
        return str(self._proxy()["VpcEndpointServiceName"])

    def _name(self, _: str) -> str:
        return str(self.world.store(self.world.the("store"))["CustomKeyStoreName"])

    def _proxy(self) -> Any:
        return self.world.store(self.world.the("store"))["XksProxyConfiguration"]


@pytest.fixture(scope="module")
def world(servers: Any) -> World:
    """An empty server, and what rows find in it as they ask."""
    return World(servers.empty())


@pytest.fixture
def scene(world: World) -> Iterator[Scene]:
    own = Scene(world)
    yield own
    if "store" in " ".join(own.own) or "endpoint" in own.own:
        world.tidy()


@pytest.fixture
def call() -> Any:
    """Call an operation by its API name."""
    return lambda client, operation, request: getattr(client, xform_name(operation))(**request)
