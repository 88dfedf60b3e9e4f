#!/bin/bash
# OpenStack Swift from Debian 13: about 56 packages, 11 MB to download, 48 MB installed.
# libisal2 gives Swift CRC32C and CRC64NVME; s3api needs memcached.
set -e
missing=
for program in swift-proxy-server swift-account-server swift-container-server swift-object-server swift-ring-builder memcached openssl; do
  command -v "$program" >/dev/null || missing="$missing $program"
done
ls /usr/lib/*/libisal.so.2 >/dev/null 2>&1 || missing="$missing libisal2"
[ -z "$missing" ] && exit 0
export DEBIAN_FRONTEND=noninteractive SYSTEMD_OFFLINE=1 # only programs: no service is started
[ -n "$PANSEA_APT_UPDATED" ] || apt-get -o DPkg::Lock::Timeout=300 update -qq
exec apt-get -o DPkg::Lock::Timeout=300 install -qq -y --no-install-recommends swift-proxy swift-account swift-container swift-object memcached libisal2 openssl
