# SPDX-License-Identifier: Apache-2.0
# invariants.bash - what holds whatever was killed: sourced by fault.bats and soak/crash. Works on the
# store of XDG_DATA_HOME and XDG_RUNTIME_DIR with the program CORACLE. Every function prints what is
# wrong, a line each, and nothing if all is well.

# Namespaces of all processes: "PID user-namespace pid-namespace".
all_namespaces() {
  stat -c %N /proc/[0-9]*/ns/user /proc/[0-9]*/ns/pid 2>/dev/null |
    sed -n "s|^'/proc/\([0-9]*\)/ns/\([a-z]*\)' -> '[a-z]*:\[\([0-9]*\)\]'$|\1 \2 \3|p" |
    awk '{ ns[$1, $2] = $3; pids[$1] } END { for (pid in pids) print pid, ns[pid, "user"], ns[pid, "pid"] }'
}

# "PID pid-namespace" of the processes in the keeper's user namespace that have not ended, the keeper
# left out. (What has ended may stay a zombie until the machine's pid 1 gets round to it.)
our_processes() {
  local keeper ns
  keeper=$(jq -r .process.pid "$XDG_RUNTIME_DIR/coracle/keeper.json" 2>/dev/null) || return 0
  ns=$(stat -L -c %i "/proc/$keeper/ns/user" 2>/dev/null) || return 0
  all_namespaces | awk -v ns="$ns" -v keeper="$keeper" '
    $2 == ns && $1 != keeper {
      file = "/proc/" $1 "/stat"
      if ((getline line <file) <= 0) next
      close(file)
      if (line !~ /\) [ZX] [^)]*$/) print $1, $3
    }'
}

describe_process() {
  echo "$1 ($(cat "/proc/$1/comm" 2>/dev/null): $(tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | cut -c1-60))"
}

# "ID NAME STATE" as ps has them.
all_rows() {
  "$CORACLE" ps -a --no-trunc --format '{{.ID}} {{.Names}} {{.State}}'
}

# Every record is readable, and only states that last are there; $1 is what all_rows says.
check_records() {
  awk 'NF == 0 { next }
    NF != 3 || length($1) != 64 { print "ps says: " $0; next }
    $3 != "created" && $3 != "running" && $3 != "exited" && $3 != "paused" { print "ps shows: " $0 }
    seen[$2]++ { print "two containers are called " $2 }' <<<"$1"
}

# A claim for each container and a container for each claim, called like it.
check_names() {
  local names said
  names=$(ls "$XDG_DATA_HOME/coracle/container-names" 2>/dev/null)
  # shellcheck disable=SC2086
  said=${names:+$("$CORACLE" inspect --type container --format '{{.Name}}' $names 2>&1)}
  [ "$said" = "$names" ] || diff <(echo "$names") <(echo "$said") |
    sed -n 's/^</claimed: /p; s/^>/but found: /p'
  names=$(LC_ALL=C sort <<<"$names")
  said=$(cut -d' ' -f2 <<<"$1" | LC_ALL=C sort)
  [ "$said" = "$names" ] || diff <(echo "$names") <(echo "$said") |
    sed -n 's/^</claimed for nobody: /p; s/^>/not claimed: /p'
}

# "ID STATUS PID MONITOR" as inspect has them, of the containers in $1.
all_processes_told() {
  local ids
  ids=$(cut -d' ' -f1 <<<"$1")
  # shellcheck disable=SC2086
  [ -z "$ids" ] || "$CORACLE" inspect --type container \
    --format '{{.Id}} {{.State.Status}} {{.State.Pid}} {{.State.ConmonPid}}' $ids 2>/dev/null
}

# "PID ID" of the processes that move packets.
all_packet_movers() {
  find "$XDG_RUNTIME_DIR/coracle/network/slirp" -name '[0-9a-f]*.json' -exec \
    jq -r '"\(.process.pid) \(.containerId)"' {} + 2>/dev/null
}

# "PID ID" of the monitors of exec sessions.
all_exec_monitors() {
  pgrep -u "$(id -u)" -a -x coracle-exec | cut -d' ' -f1,3
}

# What is said to run does, what is said not to run does not, and nothing else of ours is there but
# who moves packets or watches an exec session of one that runs; $1 is what all_rows says.
check_processes() {
  awk '
    FILENAME == ARGV[1] { pidns[$1] = $2; next }
    FILENAME == ARGV[2] { helps[$1] = $2; next }
    $2 == "running" || $2 == "paused" {
      if (!($3 in pidns)) print "said to run, and is gone: " $0
      else inside[pidns[$3]]
      if (!($4 in pidns)) print "runs without monitor: " $0
      monitor[$4]; lives[$1]; next
    }
    $3 != 0 || $4 != 0 { print "does not run, but names a process: " $0 }
    END {
      for (pid in pidns)
        if (!(pid in monitor) && !(pidns[pid] in inside) && !(pid in helps && helps[pid] in lives))
          print "orphan " pid
    }' <(our_processes) <(all_packet_movers && all_exec_monitors) <(all_processes_told "$1") |
    while read -r first pid rest; do
      if [ "$first" = orphan ]; then echo "orphan: $(describe_process "$pid")"; else echo "$first $pid $rest"; fi
    done
}

# Mounts are in the namespaces of containers only.
check_mounts() {
  local keeper
  keeper=$(jq -r .process.pid "$XDG_RUNTIME_DIR/coracle/keeper.json" 2>/dev/null)
  grep -hF "$XDG_DATA_HOME/coracle" /proc/self/mountinfo "/proc/$keeper/mountinfo" 2>/dev/null | sed 's/^/mounted: /'
}

check_invariants() {
  local rows
  rows=$(all_rows 2>&1) || echo "ps fails"
  check_records "$rows"
  check_names "$rows"
  check_processes "$rows"
  check_mounts
}

# is_true WHEN CHECK: CHECK has nothing to say, at once or when everybody has had the time to end.
is_true() {
  local said tries
  for ((tries = 0; tries < 50; tries++)); do
    said=$($2)
    [ -n "$said" ] || return 0
    sleep 0.2
  done
  echo "$1:"
  echo "$said"
  return 1
}

# With all containers removed.
check_nothing_left() {
  local data=$XDG_DATA_HOME/coracle run=$XDG_RUNTIME_DIR/coracle
  find "$data/containers" "$data/container-names" "$data/staging" "$data/volumes" "$run/containers" \
    "$run/network" "$run/mounts" -mindepth 1 ! -type d -print 2>/dev/null | grep -v '/network/results/.lock$'
  find "$data/containers" "$data/staging" "$data/volumes" "$run/containers" -mindepth 1 -type d 2>/dev/null
  find "$data" "$run" -maxdepth 2 -name '.tmp-*'
  our_processes | while read -r pid _; do echo "left: $(describe_process "$pid")"; done
  grep -F "$XDG_RUNTIME_DIR/coracle" /proc/net/unix | sed 's/^/socket: /'
  check_mounts
}
