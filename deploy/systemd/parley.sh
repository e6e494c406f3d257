#!/bin/sh
# Any command of the hub on a machine with the units, as root: `parley doctor`. It runs as they do, under the user parley and
# with the variables of /etc/parley: of the owner for what only the owner of the tables may, of the backup's role for backups.
#   install deploy/systemd/parley.sh /usr/local/bin/parley
set -eu
etc="${PARLEY_ETC:-/etc/parley}"
home="${PARLEY_HOME:-/opt/parley}"
user="${PARLEY_USER:-parley}"

# NAME=VALUE by line, as systemd's EnvironmentFile; quotes around a value are no part of it.
load() {
  while IFS= read -r line || [ -n "$line" ]; do
    case "$line" in [A-Za-z_]*=*) ;; *) continue ;; esac
    value="${line#*=}"
    case "$value" in \"*\" | \'*\') value="${value#?}" && value="${value%?}" ;; esac
    export "${line%%=*}=$value"
  done < "$1"
}

export NODE_ENV=production PARLEY_CONFIG="$etc/parley.yaml"
load "$etc/parley.env"
case "${1:-}" in
  migrate | restore | audit) special="$etc/owner.env" ;;
  backup) special="$etc/backup.env" ;;
  *) special= ;;
esac
[ -z "$special" ] || [ ! -f "$special" ] || load "$special"

set -- "$home/node_modules/.bin/node" "$home/apps/hub/src/main.ts" "$@"
[ "$(id -u)" = 0 ] || exec "$@"
exec setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups "$@"
