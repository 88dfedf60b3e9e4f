#!/bin/bash
# stop.sh DATA — stops the processes that start.sh started on DATA
. "$(dirname "$0")/../common.sh"
D=$(cd "$1" && pwd) || exit 0
for x in proxytls proxy memcached object container account; do stop_pid "$D/$x.pid"; done
