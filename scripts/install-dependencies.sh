#!/bin/sh
# Installs through apt what the build needs and the machine lacks: install-dependencies.sh [run|test|bench|peers|picture]...
# Without apt, or without the right to use it, says exactly what to install.
set -eu

packages="g++ cmake make libcli11-dev libtomlplusplus-dev nlohmann-json3-dev libeigen3-dev libboost-dev libhwy-dev zlib1g-dev"
for purpose in "$@"; do
  case "$purpose" in
    run) ;;
    test) packages="$packages libgtest-dev libboost-context-dev" ;;
    bench) packages="$packages libbenchmark-dev libopenblas-dev" ;;
    peers) packages="$packages libbenchmark-dev python3-dev python3-venv" ;;
    picture) packages="$packages gnuplot-nox" ;;
    *) echo "install-dependencies.sh: unknown purpose '$purpose': run, test, bench, peers or picture" >&2; exit 2 ;;
  esac
done

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "No dpkg here; the build needs what Debian calls: $packages" >&2
  exit 0
fi

missing=""
for package in $packages; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1 && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
  as_root="sudo"
else
  echo "Missing packages, and neither root nor sudo to install them. Run as root:" >&2
  echo "  apt-get update && apt-get install -y --no-install-recommends$missing" >&2
  exit 1
fi

echo "Installing:$missing" >&2
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
