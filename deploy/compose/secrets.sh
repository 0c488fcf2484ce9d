#!/bin/sh
# Makes the secrets of compose.yaml in deploy/secrets/, each once: what exists is kept.
# The folder keeps other users out; the files are open because the containers run as users of their own.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets

keep() { # NAME: standard input becomes the file, unless there is one
  if [ -e "secrets/$1" ]; then cat >/dev/null; else cat >"secrets/$1"; fi
  chmod 0644 "secrets/$1"
}
password() { # NAME
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n' | keep "$1"
}
url() { # ROLE
  printf 'postgresql+psycopg://%s:%s@postgres/proofkeep' "$1" "$(cat "secrets/$1_password")"
}

for role in proofkeep_owner proofkeep_app proofkeep_reader; do password "${role}_password"; done
url proofkeep_owner | keep owner_database
url proofkeep_app | keep agent_database
# Only where the machine has no role of its own: an AWS credentials file.
printf '' | keep aws_credentials
chmod 0700 secrets
