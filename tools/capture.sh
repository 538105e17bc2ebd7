#!/bin/sh
# Poses as the OCI runtime of an engine: keeps the config.json of a container that is to be created, and fails.
#
#   ln -s "$PWD/tools/capture.sh" /some/where/capture
#   podman --runtime /some/where/capture run …      makes /some/where/capture.json
#
# Beside the name that it is called by, because not every engine hands its environment down.
set -eu

while [ "$#" -gt 0 ]; do
    case "$1" in
    --bundle | -b) cp "$2/config.json" "$0.json" ;;
    --bundle=*) cp "${1#--bundle=}/config.json" "$0.json" ;;
    esac
    shift
done
echo 'captured: this is no runtime' >&2
exit 1
