#!/bin/bash
# start.sh DATA PORT [TLSPORT] — single-node Ceph (mon + osd + radosgw, no mgr), everything on loopback, as root.
# STORE=bluestore (default, a sparse file in DATA, survives a restart) or memstore (RAM only).
# Ports used: PORT (S3 http), TLSPORT (S3 https, default PORT+1), PORT+2 (mon), PORT+10.. (osd)
set -e; . "$(dirname "$0")/../common.sh"; mkdir -p "$1"; D=$(cd "$1" && pwd) P=$2 TP=${3:-$(($2+1))} MP=$(($2+2)); STORE=${STORE:-bluestore}; FSID=6b0e9880-52ec-44cf-ad4a-54ff9bbbc5e7
if alive "$D/rgw.pid" && alive "$D/osd.pid" && alive "$D/mon.pid"; then echo "already running"; exit 0; fi
mkdir -p "$D/run" "$D/log" "$D/rgw"
[ -s "$D/tls.key" ] || openssl req -x509 -newkey rsa:2048 -nodes -keyout "$D/tls.key" -out "$D/tls.crt" -days 30 -subj /CN=localhost -addext "subjectAltName=DNS:localhost,DNS:s3.localhost,DNS:*.s3.localhost,DNS:s3.test,DNS:*.s3.test,IP:127.0.0.1" 2>/dev/null
CLS=$(dirname "$(ls /usr/lib/*/rados-classes/libcls_rgw.so | head -1)")   # Debian's built-in default is a relative path and never found
cat > "$D/ceph.conf" <<C
[global]
 fsid = $FSID
 mon host = [v2:127.0.0.1:$MP]
 ms bind msgr1 = false
 ms bind ipv6 = false
 public addr = 127.0.0.1
 cluster addr = 127.0.0.1
 public network = 127.0.0.0/8
 ms bind port min = $((P+10))
 ms bind port max = $((P+60))
 auth cluster required = none
 auth service required = none
 auth client required = none
 auth supported = none
 ms mon client mode = crc   # radosgw defaults to "secure" only, which auth none cannot do
 ms mon service mode = crc
 ms mon cluster mode = crc
 run dir = $D/run
 admin socket = $D/run/\$name.asok
 log file = $D/log/\$name.log
 pid file =
 crash dir = $D/run
 keyring = $D/keyring
 osd pool default size = 1
 osd pool default min size = 1
 osd pool default pg num = 4
 osd pool default pgp num = 4
 osd pool default pg autoscale mode = off
 osd crush chooseleaf type = 0
 mon allow pool size one = true
 mon allow pool delete = true
 mon max pg per osd = 2000
 plugin dir = $(dirname "$CLS")/ceph
 erasure code dir = $(dirname "$CLS")/ceph/erasure-code
 osd pool default flag hashpspool = true
[mon]
 mon data = $D/mon
 mon data avail crit = 1
 mon data avail warn = 2
 mon cluster log to file = false
 mon pg warn on no mgr = false
[osd]
 osd data = $D/osd
 osd objectstore = $STORE
 osd crush update on start = true
 osd crush initial weight = 1
 osd memory target = 939524096
 bluestore block size = ${OSD_SIZE:-21474836480}
 bluestore block create = true
 bluestore fsck on mount = false
 bluestore cache autotune = false
 bluestore cache size = 134217728
 bluestore block db create = false
 bluestore block wal create = false
 memstore device bytes = ${OSD_SIZE:-21474836480}
 osd op queue = wpq
 osd max object size = 1073741824
 osd class dir = $CLS
 osd class load list = *
 osd class default list = *
 osd scrub begin hour = 1
 osd scrub end hour = 2
[client]
 rgw frontends = beast endpoint=127.0.0.1:$P ssl_endpoint=127.0.0.1:$TP ssl_certificate=$D/tls.crt ssl_private_key=$D/tls.key
 rgw data = $D/rgw
 rgw dns name = s3.localhost
 rgw enable apis = s3, admin, iam, sts
 rgw lc debug interval = ${RGW_LC_DEBUG_INTERVAL:--1}
 rgw thread pool size = 64
 rgw enable usage log = false
 rgw run sync thread = false
 rgw gc obj min wait = 60
 rgw gc processor period = 60   # an hour by default: the memory of deleted objects comes back soon
 rgw s3 auth use sts = ${RGW_STS:-false}   # true makes a wrong secret answer AccessDenied instead of SignatureDoesNotMatch
 rgw sts key = abcdefghijklmnop
 rgw crypt require ssl = false
 rgw crypt s3 kms backend = testing
 rgw crypt s3 kms encryption keys = testkey-1=YmluCmJvb3N0CmJvb3N0LWJ1aWxkCmNlcGguY29uZgo=
 rgw copy obj progress = false
 debug rgw = ${DEBUG_RGW:-1}
C
CF="-c $D/ceph.conf"
if [ ! -e "$D/mon/kv_backend" ]; then rm -rf "$D/mon"; mkdir -p "$D/mon"
  monmaptool --create --clobber --fsid $FSID --addv a "[v2:127.0.0.1:$MP]" --set-min-mon-release reef "$D/monmap" >/dev/null
  ceph-mon $CF -i a --mkfs --monmap "$D/monmap" >>"$D/log/mkfs.log" 2>&1; fi
alive "$D/mon.pid" || spawn "$D/mon.pid" "$D/log/mon.out" ceph-mon $CF -i a -f
wait_port $MP 30 $(cat "$D/mon.pid") "$D/log/mon.out"
if [ ! -e "$D/osd/fsid" ]; then mkdir -p "$D/osd"; U=7a1e9880-52ec-44cf-ad4a-54ff9bbbc5e0
  timeout --foreground 60 ceph $CF --connect-timeout 30 osd new $U 0 >/dev/null
  ceph-osd $CF -i 0 --mkfs --osd-uuid $U >>"$D/log/mkfs.log" 2>&1; fi
alive "$D/osd.pid" || spawn "$D/osd.pid" "$D/log/osd.out" ceph-osd $CF -i 0 -f
A="timeout --foreground 120 radosgw-admin $CF -n client.rgw.t"
if [ ! -e "$D/configured" ]; then
  $A user create --uid=demo --display-name=Demo --access-key="${ACCESS_KEY:-DEMOKEY00000000000000}" --secret="${SECRET_KEY:-demosecretdemosecretdemosecretdemosecret}" --caps="user-policy=*;roles=*;users=*" >/dev/null 2>>"$D/log/admin.log"
  $A user create --uid=limited --display-name=Limited --access-key=LIMITEDKEY0000000000 --secret=limitedsecretlimitedsecretlimitedsecret00 >/dev/null 2>>"$D/log/admin.log"
  for sc in STANDARD_IA GLACIER; do $A zonegroup placement add --rgw-zonegroup default --placement-id default-placement --storage-class $sc >/dev/null 2>>"$D/log/admin.log"
    $A zone placement add --rgw-zone default --placement-id default-placement --storage-class $sc --data-pool default.rgw.cold.data >/dev/null 2>>"$D/log/admin.log"; done
  # host names that mean "this service": any other non-IP Host is taken for a bucket name
  $A zonegroup get 2>>"$D/log/admin.log" | sed 's/"hostnames": \[\]/"hostnames": ["localhost", "s3.localhost", "s3.test"]/' > "$D/zonegroup.json"; $A zonegroup set --infile "$D/zonegroup.json" >/dev/null 2>>"$D/log/admin.log"
  touch "$D/configured"
fi
alive "$D/rgw.pid" || spawn "$D/rgw.pid" "$D/log/rgw.out" radosgw $CF -n client.rgw.t -f
wait_port $P 60 $(cat "$D/rgw.pid") "$D/log/rgw.out" && echo "radosgw ready: http://127.0.0.1:$P https://localhost:$TP (CA $D/tls.crt)"
