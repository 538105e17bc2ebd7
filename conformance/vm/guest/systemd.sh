#!/bin/sh
# Goes over to systemd, which runs main.sh as a service, with the system bus, and nothing else (--systemd=full: what
# basic.target wants, and logind).
# shellcheck source=/dev/null
. /run/guest/conf
b=/run/guest/busybox
$b mkdir -p /run/systemd && cd /run/systemd || exit 125
$b mkdir -p system system-generators system.conf.d
needs='dbus.socket'
if [ "$SYSTEMD" = minimal ]; then
    for generator in /lib/systemd/system-generators/* /etc/systemd/system-generators/*; do
        $b ln -sf /dev/null "system-generators/${generator##*/}"
    done
    for unit in dbus.socket dbus.service; do
        $b mkdir -p "system/$unit.d"
        printf '[Unit]\nDefaultDependencies=no\n' >"system/$unit.d/guest.conf"
    done
else
    needs='basic.target dbus.service systemd-logind.service'
    # It would empty /tmp, and so hide what the host has there.
    $b mkdir -p /run/tmpfiles.d
    $b ln -s /dev/null /run/tmpfiles.d/tmp.conf
fi
$b cat >system.conf.d/guest.conf <<END
[Manager]
DefaultTasksMax=infinity
DefaultCPUAccounting=yes
DefaultIOAccounting=yes
END
$b cat >system/guest.target <<END
[Unit]
DefaultDependencies=no
AllowIsolate=yes
Requires=guest.service
END
$b cat >system/guest.service <<END
[Unit]
DefaultDependencies=no
Wants=$needs
After=$needs
[Service]
ExecStart=$b sh /run/guest/main.sh
Slice=-.slice
Delegate=yes
StandardOutput=null
StandardError=null
OOMPolicy=continue
TimeoutStopSec=5
END
$b modprobe -q autofs4
exec /lib/systemd/systemd --unit=guest.target --show-status=no --log-target=console --log-level=warning
