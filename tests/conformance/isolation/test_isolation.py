"""No request of one account or region reads or changes what is another's.

Generated over all built operations: for each there is a fixture in two accounts (and two regions where the service has
regions); every stranger, an administrator at home, asks with the owner's names and ARNs; then the owner asks, and must
be granted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from tests.conformance.isolation import cases_iam, cases_kms, cases_organizations, cases_ram, cases_sts
from tests.conformance.isolation.states import state_of
from tests.conformance.isolation.world import REGIONS, Actor, Case, World
from tests.conftest import Process

from casemate.app import SERVICES

pytestmark = pytest.mark.conformance

CASES = {
    "iam": cases_iam.CASES,
    "kms": cases_kms.CASES,
    "organizations": cases_organizations.CASES,
    "ram": cases_ram.CASES,
    "sts": cases_sts.CASES,
}
BUILT = [
    (service.name, operation) for service in SERVICES for operation in service.operations if not operation.internal
]
# What another's thing may be answered with. A request that is refused for its form would prove nothing.
REFUSALS = {
    "AccessDenied",
    "AccessDeniedException",
    "AccountNotFoundException",
    "ChildNotFoundException",
    "CreateAccountStatusNotFoundException",
    "CustomKeyStoreNotFoundException",
    "IncorrectKeyException",
    "InvalidCiphertextException",
    "KMSInvalidMacException",
    "KMSInvalidSignatureException",
    "NoSuchEntity",
    "NotFoundException",
    "OrganizationalUnitNotFoundException",
    "ParentNotFoundException",
    "PolicyNotFoundException",
    "RootNotFoundException",
    "SourceParentNotFoundException",
    "TargetNotFoundException",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    process = Process(tmp_path_factory.mktemp("isolation") / "data", "--workers", "1", "--test")
    process.ready()
    yield World(process)
    assert process.stop() == 0


@pytest.fixture(scope="module")
def global_pair(world: World) -> list[Actor]:
    """Two accounts; the second is a member of the first one's organization, as new accounts are."""
    return [world.elsewhere(world.first, REGIONS[0], "ofAlpha"), world.member("ofBravo")]


@pytest.fixture(scope="module")
def organizations_pair(world: World) -> list[Actor]:
    """Two accounts, each with an organization of its own."""
    return [world.elsewhere(world.first, REGIONS[0], "ofDelta"), world.managing("ofEcho")]


@pytest.fixture(scope="module")
def regional_four(world: World, global_pair: list[Actor]) -> list[Actor]:
    """Two accounts in two regions, each with a key of its own that is called `alias/mine`."""
    four = [
        world.elsewhere(actor, region, f"{actor.mark}In{region[:2]}") for actor in global_pair for region in REGIONS
    ]
    for actor in four:
        actor.peer = next(each for each in four if each.region == actor.region and each.account != actor.account)
        key = actor.kms.create_key()["KeyMetadata"]["KeyId"]
        actor.kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    return four


@pytest.fixture(scope="module")
def actors(
    global_pair: list[Actor], organizations_pair: list[Actor], regional_four: list[Actor]
) -> dict[str, list[Actor]]:
    return {
        "iam": global_pair,
        "sts": global_pair,
        "organizations": organizations_pair,
        "kms": regional_four,
        "ram": regional_four,
    }


def test_every_built_operation_has_its_case():
    built = {(service, operation.name) for service, operation in BUILT}
    assert built == {(service, name) for service, cases in CASES.items() for name in cases}


@pytest.mark.parametrize(
    ("service", "operation"), [pytest.param(service, each, id=f"{service}-{each.name}") for service, each in BUILT]
)
def test_strangers_get_nothing_of_the_owner_and_the_owner_does(service, operation, world, actors):
    cases = CASES[service].get(operation.name)
    assert cases is not None, "a built operation without a case of isolation"
    # What earlier cases began, such as the closing of an account, is done before anybody looks.
    assert world.process.post("/_casemate/clock", {"action": "advance", "value": "1s"})[0] == 200
    for number, case in enumerate(cases if isinstance(cases, list) else [cases]):
        if case.fresh:
            pairs = [[getattr(world, case.fresh)(f"fresh{n}") for n in (1, 2)]]
        else:
            pairs = [[owner, *strangers_to(owner, actors[service])] for owner in actors[service]]
        for at, (owner, *strangers) in enumerate(pairs):
            name = f"{operation.name[:20].lower()}-{len(operation.name)}-{number}-{at}"
            attempt = Attempt(service, operation, case, owner, name)
            for stranger in strangers:
                attempt.by_stranger(stranger)
            assert attempt.state() == attempt.before, "a stranger changed it"
            attempt.by_owner(by_arn=at % 2 == 1)


def strangers_to(owner: Actor, actors: list[Actor]) -> list[Actor]:
    """Who has another account, and who is the same account in another region."""
    return [each for each in actors if (each.account != owner.account) != (each.region != owner.region)]


class Attempt:
    """One case, with one owner."""

    def __init__(self, service: str, operation: Any, case: Case, owner: Actor, name: str) -> None:
        self.service = service
        self.operation = operation
        self.case = case
        self.owner = owner
        self.name = name
        self.request = dict(case.make(owner, self._name_for(owner)))
        self.before = self.state()

    def state(self) -> Any:
        """What the owner has; not looked at for an operation that only reads."""
        return None if self.operation.audit.read_only else state_of(self.service, self.owner, self.name)

    def _name_for(self, actor: Actor) -> str:
        return f"{self.name}-{actor.mark.lower()}" if self.case.separate else self.name

    def by_stranger(self, stranger: Actor) -> None:
        if self.case.own:
            request = self.case.make(stranger, self._name_for(stranger)) if self.case.separate else self.request
            try:
                self._granted_own(stranger, request)
            except ClientError as error:
                if error.response["Error"]["Code"] not in self.case.refusals:
                    raise
            return
        for request in self._forms():
            self._refused(stranger, request)
        if not self.case.twin:
            return
        twin = self.case.make(stranger, self.name)
        for request in self._forms():
            if request == twin:
                self._granted_own(stranger, request)
            elif self._names_an_alias(request):
                self._refused_or_own(stranger, request)
            else:
                self._refused(stranger, request)

    def by_owner(self, *, by_arn: bool) -> None:
        repeatable = self.operation.audit.read_only
        forms = list(self._forms())
        for request in forms if repeatable else forms[-1:] if by_arn else forms[:1]:
            text = self._text(self._call(self.owner, request))
            if repeatable and not self.case.silent:
                assert any(secret in text for secret in self.owner.secrets), f"nothing of the owner's in {text}"

    def _forms(self) -> Iterator[dict[str, Any]]:
        """The request with each way to name its key; the request alone where it names none."""
        yield self.request
        members = [name for name in ("KeyId", "TargetKeyId", "DestinationKeyId") if name in self.request]
        if self.service != "kms" or not members or ":" in self.request[members[0]]:
            return
        arn = f"arn:aws:kms:{self.owner.region}:{self.owner.account}:"
        key = self.request[members[0]]
        yield {**self.request, members[0]: f"{arn}{key}" if key.startswith("alias/") else f"{arn}key/{key}"}
        if self.case.aliases:
            yield {**self.request, members[0]: f"alias/{self.name}"}
            yield {**self.request, members[0]: f"{arn}alias/{self.name}"}

    @staticmethod
    def _names_an_alias(request: dict[str, Any]) -> bool:
        return any(str(request.get(name)).startswith("alias/") for name in ("KeyId", "DestinationKeyId"))

    def _call(self, actor: Actor, request: Any) -> Any:
        return getattr(getattr(actor, self.service), xform_name(self.operation.name))(**request)

    def _granted_own(self, stranger: Actor, request: Any) -> None:
        text = self._text(self._call(stranger, request))
        found = [secret for secret in self.owner.secrets if secret in text]
        assert not found, f"{stranger} was shown {found} of {self.owner}: {text}"

    def _refused(self, stranger: Actor, request: Any) -> None:
        with pytest.raises(ClientError) as refusal:
            pytest.fail(f"{stranger} was granted what is of {self.owner}: {request} {self._call(stranger, request)}")
        self._for_good_reason(stranger, refusal.value)

    def _for_good_reason(self, stranger: Actor, refusal: ClientError) -> None:
        expected = {*REFUSALS, *self.case.refusals}
        assert refusal.response["Error"]["Code"] in expected, f"{stranger} was refused for another reason: {refusal}"

    def _refused_or_own(self, stranger: Actor, request: Any) -> None:
        """The name is also a name of the stranger's."""
        try:
            self._granted_own(stranger, request)
        except ClientError as error:
            self._for_good_reason(stranger, error)

    @staticmethod
    def _text(answer: Any) -> str:
        answer = {name: value for name, value in (answer or {}).items() if name != "ResponseMetadata"}
        return json.dumps(
            answer, default=lambda value: value.decode("latin-1") if isinstance(value, bytes) else str(value)
        )


def test_account_summary_counts_only_what_is_ones_own(global_pair):
    owner, stranger = global_pair
    before = owner.iam.get_account_summary()["SummaryMap"], stranger.iam.get_account_summary()["SummaryMap"]
    owner.iam.create_user(UserName="counted")
    assert owner.iam.get_account_summary()["SummaryMap"]["Users"] == before[0]["Users"] + 1
    assert stranger.iam.get_account_summary()["SummaryMap"] == before[1]
