#!/bin/sh
# jmeter ARGUMENTS, with Debian's JMeter 2.13, too, which needs jmeter.bsh to read any plan.
set -eu
home=/usr/share/jmeter
bsh=/usr/share/java/bsh.jar
if [ "$(command -v jmeter)" = /usr/bin/jmeter ] && [ -f "$home/bin/ApacheJMeter.jar" ] && [ -f "$bsh" ]; then
  exec java -Djava.awt.headless=true -Djmeter.home="$home" \
    -cp "$home/bin/ApacheJMeter.jar:$home/lib/*:$home/lib/ext/*:$bsh" bsh.Interpreter "$(dirname "$0")/jmeter.bsh" "$@"
fi
exec jmeter "$@"
