#!/bin/sh
# Puts what only this installation knows into alertmanager.yml, and runs Alertmanager with it.
#   PARLEY_ALERT_CHANNEL, PARLEY_ALERT_CHAT   the hub's channel and the platform's id of the chat that is told
#   PARLEY_ALERT_WECOM=1                      critical alerts also go to a group bot of WeCom
# render.sh SOURCE TARGET only writes the file.
set -eu
source="${1:-/etc/alertmanager/alertmanager.yml}"
target="${2:-/tmp/alertmanager.yml}"
channel="${PARLEY_ALERT_CHANNEL:-}"
chat="${PARLEY_ALERT_CHAT:-}"

for value in "$channel" "$chat"; do
  case "$value" in
    *[!A-Za-z0-9_.:@=-]*) echo "PARLEY_ALERT_CHANNEL or PARLEY_ALERT_CHAT: '$value' is no id" >&2; exit 1 ;;
  esac
done

set -- -e "s|@CHANNEL@|$channel|" -e "s|@CHAT@|$chat|"
if [ -n "$channel" ] && [ -n "$chat" ]; then set -- -e 's|^ *#chat ||' "$@"; fi
if [ "${PARLEY_ALERT_WECOM:-}" = 1 ]; then set -- -e 's|^ *#wecom ||' "$@"; fi
sed "$@" "$source" > "$target"

[ "$target" = /tmp/alertmanager.yml ] || exit 0
exec /bin/alertmanager --config.file="$target" --storage.path=/alertmanager
