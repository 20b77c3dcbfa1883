#!/bin/sh
# What must be there before the first node starts: a certificate authority of this installation, a certificate for the
# nodes, and a folder for snapshots that the engine may write in. Safe to repeat; certificates are made anew when they
# have less than 30 days to go, or are for other names. The authority's key is thrown away: it signs once.
#
#   prepare.sh AUTHORITY NODES SNAPSHOTS OWNER NAME...
#
# AUTHORITY gets ca.pem, for all who talk to the engine; NODES gets node.pem and node-key.pem, for the engine alone.
# OWNER is the numeric user of the engine, or - to leave owners as they are.
set -eu

authority=$1 nodes=$2 snapshots=$3 owner=$4
shift 4
names=""
for name in "$@"; do names="$names,DNS:$name"; done
names="${names#,},IP:127.0.0.1"

is_good() {
  [ -s "$authority/ca.pem" ] && [ -s "$nodes/node-key.pem" ] &&
    [ "$(cat "$nodes/names" 2>/dev/null)" = "$names" ] &&
    openssl x509 -noout -checkend 2592000 -in "$nodes/node.pem" >/dev/null 2>&1 &&
    openssl verify -CAfile "$authority/ca.pem" "$nodes/node.pem" >/dev/null 2>&1
}

if is_good; then
  echo "The certificates are good: kept"
else
  umask 077
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cat >"$work/extensions" <<END
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
authorityKeyIdentifier = keyid
subjectAltName = $names
END
  openssl req -x509 -newkey rsa:2048 -nodes -days 825 -subj "/CN=souk-authority" \
    -addext "keyUsage = critical, keyCertSign, cRLSign" \
    -keyout "$work/ca-key.pem" -out "$work/ca.pem" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
  openssl req -newkey rsa:2048 -nodes -subj "/CN=souk-node" \
    -keyout "$work/node-key.pem" -out "$work/node.csr" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
  openssl x509 -req -in "$work/node.csr" -days 825 -extfile "$work/extensions" \
    -CA "$work/ca.pem" -CAkey "$work/ca-key.pem" -out "$work/node.pem" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
  cp "$work/node-key.pem" "$work/node.pem" "$nodes/"
  cp "$work/ca.pem" "$authority/ca.pem"
  printf '%s' "$names" >"$nodes/names"
  chmod 0644 "$authority/ca.pem" "$nodes/node.pem" "$nodes/names"
  chmod 0400 "$nodes/node-key.pem"
  echo "Certificates for $names"
fi

if [ "$owner" != "-" ]; then
  chown "$owner:$owner" "$nodes/node-key.pem" "$snapshots"
fi
