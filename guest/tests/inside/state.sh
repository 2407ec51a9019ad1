# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What a package leaves behind, what the kernel refused, and Tomcats that start in reasonable time.

# state: labels of what a package touches, modules, units.
state() {
    find /etc/tomcat10 /opt /srv /usr/lib/jvm /usr/libexec /usr/share/tomcat10 /var/lib/tomcat10 -printf '%p %Z\n' 2>/dev/null | sort
    ls -dZ /var/{cache,log}/tomcat10
    semodule -l
    systemctl list-unit-files --no-legend '*tomcat*'
}

# denied: the records that have a domain or type of ours.
denied() { dmesg | grep -E 'type=1(40[01]|107) ' | grep -E 'tomcat|webapp'; }

# quick_tomcat: Debian's starts slowly here, so it does without what it would look for in every library.
quick_tomcat() {
    sed -i 's/^tomcat.util.scan.StandardJarScanFilter.jarsToSkip=/&*.jar,/' /etc/tomcat10/catalina.properties
    mkdir -p /etc/systemd/system/tomcat10.service.d
    printf '[Service]\nEnvironment="CATALINA_OPTS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"\n' >/etc/systemd/system/tomcat10.service.d/quick.conf
    systemctl daemon-reload
}

# unpacked_tomcat FOLDER: what docs/install.md takes for granted of a Tomcat from Apache's archive, as quick.
unpacked_tomcat() {
    cp -r "$1" /opt/tomcat
    mkdir -p /opt/tomcat/{logs,temp,work}
    chown -R tomcat:tomcat /opt/tomcat/{logs,temp,work}
    chmod -R a+rX /opt/tomcat
    restorecon -R /opt/tomcat
    sed -i 's/^tomcat.util.scan.StandardJarScanFilter.jarsToSkip=/&*.jar,/' /opt/tomcat/conf/catalina.properties
    mkdir -p /etc/systemd/system/tomcat.service.d
    printf '[Service]\nEnvironment="CATALINA_OPTS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"\n' >/etc/systemd/system/tomcat.service.d/quick.conf
}
