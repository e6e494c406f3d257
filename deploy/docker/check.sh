#!/bin/sh
# With a Docker engine: builds the image, starts docker-compose.yml, asks it through nginx, and hands to Kong, Logstash and
# Filebeat, which no Debian package has, what they are to read. Takes everything away again. `npm test` needs none of this.
set -eu
cd "$(dirname "$0")/../.."
env_file="$(mktemp)"
secret() { openssl rand -hex 24; }
cat > "$env_file" <<EOF
POSTGRES_PASSWORD=$(secret)
PARLEY_MASTER_KEY=$(openssl rand -base64 32)
PARLEY_ALERTMANAGER_TOKEN=$(secret)
GRAFANA_PASSWORD=$(secret)
ELASTICSEARCH_PASSWORD=$(secret)
HTTP_PORT=8880
HTTPS_PORT=8443
EOF
compose() { docker compose --project-name parley-check --env-file "$env_file" "$@"; }
trap 'compose down --volumes --timeout 5; rm -f "$env_file"' EXIT

compose -f docker-compose.yml -f deploy/elk/docker-compose.elk.yml config --quiet
image() { compose -f deploy/elk/docker-compose.elk.yml config --images | grep "/$1:"; }
docker run --rm -e KONG_DATABASE=off -e KONG_REDIS_PASSWORD=x -v "$PWD/deploy/kong/kong.yaml:/kong.yaml:ro" \
  kong:3.9 kong config parse /kong.yaml
docker run --rm -e ELASTICSEARCH_PASSWORD=x -e XPACK_MONITORING_ENABLED=false \
  -v "$PWD/deploy/elk/logstash/parley.conf:/usr/share/logstash/pipeline/logstash.conf:ro" \
  "$(image logstash)" logstash --config.test_and_exit
docker run --rm -v "$PWD/deploy/elk/filebeat.yml:/usr/share/filebeat/filebeat.yml:ro" \
  "$(image filebeat)" filebeat test config -strict.perms=false

compose up --build --detach --wait --wait-timeout 300
curl -fsSk https://localhost:8443/health
echo
docker image inspect parley:local --format 'The image has {{.Size}} bytes.'
