#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A process of coracle is killed in front of every single call that changes what is on disk
# (pkg/base/fault.c), one after the other. Whatever the number, the world is true afterwards, the
# command can be repeated, and nothing is left once all containers are removed. This is
# about images and volumes, fault.bats about containers.

load helpers
. "$CT_TESTS/fault/setup.bash"

setup_file() {
  fault_setup
}

teardown_file() {
  file_teardown
}

@test "commit" {
  boundaries commit 7 coracle coracle-image
}

@test "import" {
  boundaries import 10 coracle coracle-image
}

@test "pull" {
  boundaries pull 10 coracle coracle-image
}

@test "tag, rmi" {
  boundaries tag 3 coracle
  boundaries rmi 5 coracle
}

@test "volume create, volume rm" {
  boundaries volume_create 4 coracle
  boundaries volume_rm 3 coracle
}
