#!/bin/sh
# Runs once, inside the database container, when its volume is empty.  The owner of the tables comes from
# POSTGRES_USER; here come the two roles that own nothing.  `proofkeep db grants --apply` gives them their rights.
set -eu
export SECRETS="${SECRETS:-/run/secrets}"
# psql reads the passwords itself, so that no process list shows them.
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set app `cat "$SECRETS/proofkeep_app_password"`
\set reader `cat "$SECRETS/proofkeep_reader_password"`
CREATE ROLE proofkeep_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app';
CREATE ROLE proofkeep_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'reader';
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO proofkeep_app, proofkeep_reader;
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO proofkeep_app, proofkeep_reader;
SQL
