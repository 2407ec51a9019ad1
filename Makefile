# SPDX-License-Identifier: Apache-2.0
# The front door. "make demo" and "make test" need Debian 12, root, JDK 17, Maven, gcc and make; they install the rest.

MVN := mvn -B -q
TOMCAT10 := mvn -B -Ptomcat-10.1 -pl valve,examples/status -am verify -Dsurefire.failIfNoSpecifiedTests=false
PARALLEL := --jobs=$(shell nproc) --output-sync=target
DEMO := /usr/share/tomcat-selinux/demo/run

# How long "make soak" lasts.
SECONDS ?= 1800

.PHONY: all demo test proof soak bench dist docs guest setup build format clean \
        test-java test-launcher test-without-clock test-policy test-packages test-guest test-scripts test-docs

all: build

# What the machine lacks, and the guest's image.
setup:
	scripts/setup
	guest/setup

build: setup
	$(MAKE) $(PARALLEL) -C launcher
	$(MAKE) -C selinux-policy
	$(MVN) package -DskipTests
	scripts/unpack-tomcat

demo: build
	scripts/demo

# A guest leaves half a processor idle, which is enough for what knows no clock.
test: build
	$(MAKE) test-launcher test-java
	scripts/beside test-guest test-without-clock
	@echo "All tests passed."

test-without-clock:
	nice -n 19 $(MAKE) test-scripts test-docs test-policy test-packages

test-scripts:
	scripts/check-scripts
	scripts/test-bench-report

test-docs:
	scripts/check-links
	scripts/docs

test-launcher:
	$(MAKE) $(PARALLEL) -C launcher check test-programs
	$(MAKE) -C launcher test

test-policy:
	$(MAKE) $(PARALLEL) -C selinux-policy test

test-packages:
	packaging/test

# The same classes on Tomcat 10.1, too: those that lean most on what Tomcat does inside; all of them in proof.
test-java:
	mvn -B verify
	$(TOMCAT10) -Dtest='TomcatVersionTest,ServletsTest,FilesTest,ProgramsTest,HolesTest,ServletHolesTest,CompatibilityTest,StatusPageTest'

test-guest:
	guest/test
	guest/run --share launcher/target --share launcher/tests -- /share/tests/guest.sh
	guest/run --share launcher/target --share launcher/tests -- /share/tests/guest_programs.sh
	guest/run --share guest/tests/inside --share examples/monitoring --share valve/src/test/guest -- /share/guest/run
	guest/run --single-threaded --share guest/tests/inside --share valve/src/test/guest --share valve/target/test-classes -- /share/guest/run-threads
	guest/run --share guest/tests/inside --share valve/src/test/guest --share valve/target/test-classes -- /share/guest/run-servlets 200
	guest/run --share guest/tests/inside --share valve/src/test/guest --share valve/target/test-classes -- /share/guest/run-filter
	valve/src/test/guest/stage-litmus target/litmus
	guest/run --share guest/tests/inside --share valve/src/test/guest --share target/litmus -- /share/guest/run-dav
	guest/run --share guest/tests/inside --share bin --share mapping/src/test/guest -- /share/guest/run
	examples/run
	scripts/demo
	scripts/soak 120

proof: build
	$(MAKE) -C launcher growth valgrind
	$(TOMCAT10) -Dtest='*Test'
	scripts/test-benchmarks
	scripts/proof
	scripts/soak $(SECONDS)

# Lasting load, while all goes wrong that may; the tally is target/soak/report.json.
soak: build
	scripts/soak $(SECONDS)

bench: build
	scripts/bench

docs: setup
	scripts/docs

dist: build
	scripts/dist

guest: build
	guest/run --interactive

format:
	$(MAKE) -C launcher format
	$(MVN) spotless:apply

clean:
	$(MAKE) -C launcher clean
	$(MAKE) -C selinux-policy clean
	$(MVN) clean
	rm -rf target
