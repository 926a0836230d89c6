#!/bin/sh
# Locks the keys of a small log with SoftHSM2 (Debian: softhsm2), opens them, and sees that without the
# module, with a wrong PIN and with another token nothing opens and nothing is touched.
# SOFTHSM2_ROOT may name a directory that the packages were unpacked to.
set -eu
cd "$(dirname "$0")/../.."
root=${SOFTHSM2_ROOT:-}
util=$root/usr/bin/softhsm2-util
SAGSSPOR_PKCS11_MODULE=$root/usr/lib/softhsm/libsofthsm2.so
export SAGSSPOR_PKCS11_MODULE
cargo build --quiet -p sagsspor --features pkcs11
program=$(cargo metadata --format-version 1 --no-deps --offline | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/debug/sagsspor

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/tokens"
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$dir/tokens" > "$dir/softhsm2.conf"
export SOFTHSM2_CONF="$dir/softhsm2.conf"
for token in sagsspor other; do
    "$util" --module "$SAGSSPOR_PKCS11_MODULE" --init-token --free --label "$token" --so-pin 87654321 --pin 12345678 > "$dir/init"
done
echo 12345678 > "$dir/pin"
echo 11111111 > "$dir/wrong-pin"
export SAGSSPOR_PKCS11_PIN_FILE="$dir/pin" SAGSSPOR_DATA="$dir/data" SAGSSPOR_KEYS="$dir/keys"

sum() { find "$dir/keys" -name '*.key*' -exec sha256sum {} + | sort; }
refused() {
    wanted=$1
    shift
    if said=$("$@" 2>&1); then
        echo "opened although it must not: $*" && exit 1
    fi
    case $said in
        *"$wanted"*) ;;
        *) echo "said otherwise: $said" && exit 1 ;;
    esac
    test "$(sum)" = "$before" || { echo "keys were touched: $*" && exit 1; }
}

"$program" keys create --recovery "$dir/recovery.key"
"$program" keys lock --pkcs11 sagsspor:lock-1
grep -q '^lock pkcs11 ' "$dir"/keys/0999/secrets-*.key
"$program" keys show | grep -q 'a key of a hardware module'
before=$(sum)
refused 'the PIN is not the one' env SAGSSPOR_PKCS11_PIN_FILE="$dir/wrong-pin" "$program" keys rotate --root
refused 'names its library' env -u SAGSSPOR_PKCS11_MODULE "$program" keys rotate --root
mv "$dir/tokens" "$dir/tokens-aside"
mkdir "$dir/tokens"
refused 'no token is labelled' "$program" keys rotate --root
# A token with the same label and another key of the same label.
"$util" --module "$SAGSSPOR_PKCS11_MODULE" --init-token --free --label sagsspor --so-pin 87654321 --pin 12345678 > "$dir/init"
refused 'holds no key that is labelled' "$program" keys rotate --root
(export SAGSSPOR_DATA="$dir/data2" SAGSSPOR_KEYS="$dir/keys2"
    "$program" keys create --recovery "$dir/recovery2.key" > "$dir/init"
    "$program" keys lock --pkcs11 sagsspor:lock-1 > "$dir/init")
refused 'is not the one that the keys were locked with' "$program" keys rotate --root
rm -r "$dir/tokens"
mv "$dir/tokens-aside" "$dir/tokens"
"$program" keys rotate --root --event
"$program" keys lock --pkcs11 other:lock-2
"$program" keys lock --none
"$program" audit
echo "softhsm: locked, opened, refused and unlocked as it should be"
