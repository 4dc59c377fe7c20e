# SPDX-License-Identifier: Apache-2.0
# setup.bash - for the .bats files that kill at boundaries; sourced after helpers.bash.

# In setup_file: a libexec directory of the programs with the hook.
fault_setup() {
  file_setup busybox:latest
  FAULTY=$CT_BUILD/tests/fault
  [ -x "$FAULTY/coracle" ] || { echo "$FAULTY/coracle is not built" >&2; return 1; }
  local libexec program
  libexec=$CT_HOME/libexec
  mkdir -p "$libexec/cni"
  for program in keeper init seccomp; do
    ln -s "$CT_BUILD/cmd/coracle-$program/coracle-$program" "$libexec"
  done
  ln -s "$FAULTY/coracle-image" "$FAULTY/coracle-monitor" "$libexec"
  ln -s "$FAULTY/cni/slirp" "$libexec/cni"
  # What the first container of a store makes once for all.
  bb true
  export FAULTY FAULT_LIBEXEC=$libexec CORACLE_FAULT_REPORT=$CT_HOME/report
  PORT=$(free_port)
  export PORT
}

boundaries() {
  bash "$CT_TESTS/fault/boundaries" "$@"
}
