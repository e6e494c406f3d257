#!/bin/sh
# Puts templates, retention and saved objects in; may be run again.
#   ELASTICSEARCH_URL, KIBANA_URL, ELASTICSEARCH_PASSWORD (of the user elastic)
set -eu
cd "$(dirname "$0")"
elasticsearch="${ELASTICSEARCH_URL:-http://localhost:9200}"
kibana="${KIBANA_URL:-http://localhost:5601}"
# From a file descriptor, so that the password is in no list of processes.
quoted="$(printf '%s' "$ELASTICSEARCH_PASSWORD" | sed 's/[\\"]/\\&/g')"
call() { printf 'user = "elastic:%s"\n' "$quoted" | curl -fsS -K - -H 'kbn-xsrf: parley' "$@" >/dev/null; }
put() { call -X PUT "$elasticsearch/$1" -H 'content-type: application/json' --data-binary "@$2"; }

put _ilm/policy/parley ilm-policy.json
put _index_template/parley-turns turns-template.json
put _index_template/parley-hub hub-template.json
call -X POST "$kibana/api/saved_objects/_import?overwrite=true" -F file=@kibana/parley.ndjson
echo 'Templates, retention and saved objects are in place.'
