#!/usr/bin/env bash
# Tests the operator on a real node. Everything that the node starts or mounts is in namespaces
# of its own, and disappears with them, however the test ends. Logs stay in .cluster/log.
# Arguments are passed to the test.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "needs root: containers and namespaces are real" >&2; exit 1; }
for program in containerd runc buildah /bin/busybox /usr/lib/cni/bridge iptables ip conntrack; do
  command -v "$program" >/dev/null && continue
  echo "$program is missing. On Debian and Ubuntu: apt-get install --no-install-recommends" \
    "containerd runc containernetworking-plugins buildah busybox-static iptables iproute2 conntrack" >&2
  exit 1
done
# The kubelet's cgroups, version 2 or 1.
cgroups() { find /sys/fs/cgroup -mindepth 1 -maxdepth 2 -type d -name kubepods; }
[ -z "$(cgroups)" ] || { echo "another kubelet runs here: $(cgroups | head -1)" >&2; exit 1; }

hack/cluster/prepare.sh
rm -rf .cluster/log
mkdir -p .cluster/log

remove_cgroups() {
  cgroups | while read -r group; do find "$group" -depth -type d -exec rmdir {} \;; done
}
trap remove_cgroups EXIT
# Ctrl-C reaches the test, which ends by itself.
trap : INT TERM
# bash, as the first process of its namespace, reaps the processes that containerd leaves
# behind.
unshare --net --mount --pid --fork --kill-child --mount-proc bash -euc '
  for folder in /run /var/lib /var/log; do mount -t tmpfs tmpfs "$folder"; done
  trap : INT TERM
  result=0
  (cd hack/cluster && ../../bin/cluster.test "$@") || result=$?
  exit "$result"' cluster "$@"
