"""Checks evidence with implementations that are not ours.

    check.py bundle FILE.zip      the bag with bagit, every event with an SD-JWT library
    check.py jwe FILE.json        ciphertexts with a JOSE library; [{"jwe", "key", "holds"}]

Prints what was checked; any failure ends in a traceback and exit code 1.
"""

import base64
import json
import pathlib
import sys
import tempfile
import zipfile

import bagit
from jwcrypto import jwe, jwk
from sd_jwt.verifier import SDJWTVerifier


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def signing_keys(folder):
    """The keys that the bag's own keys entries announce, by their ids."""
    keys = {}
    for path in sorted(folder.glob("data/keys/*.jws")):
        entry = json.loads(decoded(path.read_text().split(".")[1]))
        for key in entry["jwks"]["keys"]:
            # The thumbprint of RFC 7638, computed by the library.
            assert jwk.JWK(**key).thumbprint() == key["kid"], path
            keys[key["kid"]] = key
    return keys


def check_bundle(path):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
        bagit.Bag(name).validate()
        keys = signing_keys(folder)
        events = sorted(folder.glob("data/events/*.sd-jwt"))
        values = 0
        for event in events:
            text = event.read_text()
            key_id = json.loads(decoded(text.split(".")[0]))["kid"]
            checked = SDJWTVerifier(text, lambda issuer, header: jwk.JWK(**keys[key_id]), None, None)
            payload = checked.get_verified_payload()
            values += text.count("~") - 1
            assert payload["seq"] == int(event.stem), event
        assert events
        print(f"bag and {len(events)} SD-JWTs with {values} disclosures are valid")


def check_jwe(path):
    rows = json.loads(pathlib.Path(path).read_text())
    for row in rows:
        token = jwe.JWE()
        token.deserialize(row["jwe"], key=jwk.JWK(kty="oct", k=row["key"]))
        plaintext = token.payload.decode()
        assert row["holds"] in plaintext.split("~"), row["holds"]
    assert rows
    print(f"{len(rows)} JWEs open")


if __name__ == "__main__":
    {"bundle": check_bundle, "jwe": check_jwe}[sys.argv[1]](sys.argv[2])
