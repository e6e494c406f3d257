#!/bin/sh
# Makes a certificate that nobody trusts, where there is none yet, so that the first start works. Run by the nginx image.
set -eu
tls="${1:-/etc/nginx/tls}"
[ -s "$tls/tls.crt" ] && [ -s "$tls/tls.key" ] && exit 0
echo "no certificate in $tls: making one for localhost, replace it before anybody relies on it" >&2
umask 077
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj /CN=localhost \
  -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout "$tls/tls.key" -out "$tls/tls.crt" 2>/dev/null
