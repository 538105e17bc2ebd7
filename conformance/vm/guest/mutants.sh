#!/bin/bash
# In the guest: each row `what|test|names` of FILE, with that left out (nothing, where it is empty).
# mutants.sh GUEST FOLDER RUNTIME FILE
set -uo pipefail

guest="$1" folder="$2" file="$4"
# shellcheck source-path=SCRIPTDIR source=prepare.sh
. "$(dirname "$0")/prepare.sh"
export RUNTIME="$3" TAP_TIMEOUT=60
while IFS='|' read -r what test names <&5; do
    echo "#> $what|$test|$names"
    OCIRUN_MUTANT="$what" OCIRUN_TEST_ONLY="$names" timeout 90 node "$folder/${test//\//-}.mjs"
done 5<"$file"
