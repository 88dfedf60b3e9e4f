#!/bin/bash
# stop.sh DATA — stops the three processes that start.sh started on DATA
. "$(dirname "$0")/../common.sh"
D=$(cd "$1" && pwd) || exit 0
for x in rgw osd mon; do stop_pid "$D/$x.pid"; done
