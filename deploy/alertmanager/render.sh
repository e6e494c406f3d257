#!/bin/sh
# Puts what only this installation knows into alertmanager.yml, and runs Alertmanager with it.
#   PARLEY_ALERT_CHANNEL, PARLEY_ALERT_CHAT   the hub's channel and the platform's id of the chat that is told
#   PARLEY_ALERT_WECOM=1                      critical alerts also go to a group bot of WeCom
# Where it is not docker-compose.yml that runs it:
#   PARLEY_ALERT_HUB         http://gateway:8080                a gateway, not by way of the proxy
#   PARLEY_ALERT_TOKEN_FILE  /run/secrets/alertmanager_token    holds PARLEY_ALERTMANAGER_TOKEN
#   PARLEY_ALERT_RELAY       http://wecom:9095                  wecom.mjs
# render.sh SOURCE TARGET only writes the file.
set -eu
source="${1:-/etc/alertmanager/alertmanager.yml}"
target="${2:-/tmp/alertmanager.yml}"
channel="${PARLEY_ALERT_CHANNEL:-}"
chat="${PARLEY_ALERT_CHAT:-}"
hub="${PARLEY_ALERT_HUB:-http://gateway:8080}"
token_file="${PARLEY_ALERT_TOKEN_FILE:-/run/secrets/alertmanager_token}"
relay="${PARLEY_ALERT_RELAY:-http://wecom:9095}"

for value in "$channel" "$chat"; do
  case "$value" in
    *[!A-Za-z0-9_.:@=-]*) echo "PARLEY_ALERT_CHANNEL or PARLEY_ALERT_CHAT: '$value' is no id" >&2; exit 1 ;;
  esac
done
for value in "$hub" "$token_file" "$relay"; do
  case "$value" in
    *[!A-Za-z0-9_.:/@%+~-]*) echo "PARLEY_ALERT_HUB, _TOKEN_FILE or _RELAY: '$value' is no address and no path" >&2; exit 1 ;;
  esac
done

set -- -e "s|@CHANNEL@|$channel|" -e "s|@CHAT@|$chat|" \
  -e "s|http://gateway:8080|$hub|" -e "s|/run/secrets/alertmanager_token|$token_file|" -e "s|http://wecom:9095|$relay|"
if [ -n "$channel" ] && [ -n "$chat" ]; then set -- -e 's|^ *#chat ||' "$@"; fi
if [ "${PARLEY_ALERT_WECOM:-}" = 1 ]; then set -- -e 's|^ *#wecom ||' "$@"; fi
sed "$@" "$source" > "$target"

[ "$target" = /tmp/alertmanager.yml ] || exit 0
exec /bin/alertmanager --config.file="$target" --storage.path=/alertmanager
