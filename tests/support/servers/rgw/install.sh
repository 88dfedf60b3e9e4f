#!/bin/bash
# Ceph radosgw from Debian 13: 55 packages, about 80 MB to download, 296 MB installed. No service is started and none is needed.
set -e
missing=
for program in radosgw radosgw-admin ceph-mon ceph-osd ceph monmaptool openssl; do
  command -v "$program" >/dev/null || missing="$missing $program"
done
[ -z "$missing" ] && exit 0
export DEBIAN_FRONTEND=noninteractive SYSTEMD_OFFLINE=1 # only programs: no service is started
[ -n "$PANSEA_APT_UPDATED" ] || apt-get -o DPkg::Lock::Timeout=300 update -qq
exec apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends radosgw ceph-mon ceph-osd ceph-common openssl
