#!/bin/bash
# In the guest: each row `what|test|names` of FILE, with that left out (nothing, where it is empty).
# mutants.sh GUEST FOLDER RUNTIME FILE
set -uo pipefail

guest="$1" folder="$2" file="$4"
# shellcheck source-path=SCRIPTDIR source=prepare.sh
. "$(dirname "$0")/prepare.sh"
# What has been left out is waited for in vain: not for as long as in suite.sh.
export RUNTIME="$3" TAP_TIMEOUT=100 OCIRUN_TEST_PATIENCE=15000
while IFS='|' read -r what test names <&5; do
    echo "#> $what|$test|$names"
    OCIRUN_MUTANT="$what" OCIRUN_TEST_ONLY="$names" timeout 120 node "$folder/${test//\//-}.mjs"
done 5<"$file"
