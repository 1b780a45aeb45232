// The AWS SDK for JavaScript, unmodified: who am I, create, describe, encrypt, decrypt, and refusals.
import { strict as assert } from "node:assert";
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ListKeysCommand,
} from "@aws-sdk/client-kms";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const sts = new STSClient({ maxAttempts: 1 });
const identity = await sts.send(new GetCallerIdentityCommand({}));
assert.match(identity.Arn, /^arn:aws:iam::\d{12}:user\//);
await assert.rejects(
  sts.send(new AssumeRoleCommand({ RoleArn: "arn:aws:iam::123456789012:role/absent", RoleSessionName: "js" })),
  (error) => error.name === "AccessDenied" && error.$metadata.httpStatusCode === 403,
);

const kms = new KMSClient({ maxAttempts: 1 });
const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({ Description: "from JavaScript" }));
assert.equal(key.KeyState, "Enabled");
assert.ok(key.CreationDate instanceof Date);
const EncryptionContext = { purpose: "test", "ключ": "значение" };
const { CiphertextBlob } = await kms.send(
  new EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.from("hello"), EncryptionContext }),
);
const { Plaintext, KeyId } = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
assert.equal(Buffer.from(Plaintext).toString(), "hello");
assert.equal(KeyId, key.Arn);
await assert.rejects(
  kms.send(new DecryptCommand({ CiphertextBlob })),
  (error) => error.name === "InvalidCiphertextException" && error.$metadata.httpStatusCode === 400,
);
const data = await kms.send(new GenerateDataKeyCommand({ KeyId: key.Arn, KeySpec: "AES_256" }));
assert.equal(data.Plaintext.length, 32);
await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }));
await assert.rejects(
  kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.from("x") })),
  (error) => error.name === "DisabledException",
);
const described = await kms.send(new DescribeKeyCommand({ KeyId: key.KeyId }));
assert.equal(described.KeyMetadata.KeyState, "Disabled");
assert.ok((await kms.send(new ListKeysCommand({}))).Keys.length >= 1);
console.log("ok");
