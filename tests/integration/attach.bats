#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# attach: standard streams of a running container, from one or several terminals.

load helpers

setup_file() {
  file_setup busybox:latest
}

teardown_file() {
  file_teardown
}

teardown() {
  [ ! -S "$CT_HOME/tmux" ] || tmux -S "$CT_HOME/tmux" kill-server 2>/dev/null || :
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
}

# A container that says how often it was asked: every line of input gives one of output.
echo_server() {
  coracle run -d --name "$1" -i --network none "$BB" \
    sh -c 'n=0; while read -r l; do n=$((n + 1)); echo "$n $l"; [ "$l" != end ] || exit 6; done' >/dev/null 3>&-
}

monitor_of() {
  jq -r .monitor.pid "$XDG_RUNTIME_DIR/coracle/containers/$(coracle inspect --format '{{.Id}}' "$1")/state.json"
}

# bats test_tags=shared
@test "input goes in, and both streams come out" {
  coracle run -d --name c -i --network none "$BB" sh -c 'read l; echo "out $l"; echo err >&2; exit 3' >/dev/null
  run --separate-stderr bash -c "echo go | '$CORACLE' attach c"
  # podman 4.3 ends with 0 whatever the container does.
  assert_output "out go"
  assert_stderr err
  assert_state c exited 3
}

# bats test_tags=shared
@test "--no-stdin watches, --latest finds" {
  coracle run -d --name c --network none "$BB" \
    sh -c 'while [ ! -e /go ]; do sleep 0.05; done; echo said; exit 4' >/dev/null
  (sleep 1; coracle exec c touch /go) >/dev/null 3>&- &
  run --separate-stderr coracle attach --no-stdin --latest
  wait
  assert_output said
  assert_stderr ""
}

# bats test_tags=shared
@test "who cannot be attached to" {
  fails 125 'requires a name, id, or the "--latest" flag' coracle attach
  fails 125 'no container with name or ID "nobody" found: no such container' coracle attach nobody
  coracle create --name made --network none "$BB" true
  fails 125 "you can only attach to running containers" coracle attach made
  coracle start -a made
  fails 125 "you can only attach to running containers" coracle container attach --latest
}


@test "what is not running cannot be attached to" {
  run --separate-stderr coracle attach
  failed_with 125 'requires a name, id, or the "--latest" flag'
  run --separate-stderr coracle attach nobody
  failed_with 125 "no such container"
  coracle create --name made --network none "$BB" true
  run --separate-stderr coracle attach made
  failed_with 125 "you can only attach to running containers"
  coracle start -a made
  run --separate-stderr coracle container attach -l
  failed_with 125 "you can only attach to running containers"
  run --separate-stderr coracle attach -l made
  failed_with 125 "--latest and containers cannot be used together"
  run --separate-stderr coracle attach --detach-keys nonsense made
  failed_with 125 "detach keys"
}

@test "input goes in, output and exit code come out, what was before does not" {
  echo_server c
  echo first | timeout -s KILL 1 "$CORACLE" attach c || [ $? = 137 ]
  wait_for 5 sh -c "'$CORACLE' logs c | grep -q first"
  run -6 bash -c "printf 'second\nend\n' | '$CORACLE' attach c"
  [ "$output" = $'2 second\n3 end' ]
}

@test "both streams, to where they belong" {
  coracle run -d --name c -i --network none "$BB" sh -c 'read l; echo out; echo err >&2; exit 3'
  run -3 --separate-stderr bash -c "echo go | '$CORACLE' attach c"
  [ "$output" = out ]
  [ "$stderr" = err ]
}

@test "--no-stdin only watches; the end of one client's input is not the container's" {
  echo_server c
  "$CORACLE" attach --no-stdin c </dev/zero >"$CT_HOME/watched" 3>&- &
  watcher=$!
  # Input that ends at once.
  "$CORACLE" attach c </dev/null >"$CT_HOME/other" 3>&- &
  other=$!
  sleep 0.5
  run -6 bash -c "(echo a; sleep 0.2; echo end) | '$CORACLE' attach c"
  for pid in $watcher $other; do
    status=0
    wait "$pid" || status=$?
    [ "$status" = 6 ]
  done
  [ "$(cat "$CT_HOME/watched")" = $'1 a\n2 end' ]
  [ "$(cat "$CT_HOME/other")" = $'1 a\n2 end' ]
}

@test "signals are passed on, or end the client alone" {
  coracle run -d --name c --network none "$BB" \
    sh -c 'trap "echo got USR1" USR1; trap "echo got TERM; exit 9" TERM; echo on; while :; do sleep 0.1; done'
  "$CORACLE" attach --sig-proxy=false c >"$CT_HOME/out" 3>&- &
  client=$!
  sleep 0.5
  kill -TERM $client
  status=0
  wait $client || status=$?
  [ "$status" = 143 ]
  "$CORACLE" attach c >"$CT_HOME/out" 3>&- &
  client=$!
  sleep 0.5
  # The first process of a pid namespace ignores what it has no handler for.
  kill -USR2 $client
  kill -USR1 $client
  wait_for 5 grep -q "got USR1" "$CT_HOME/out"
  kill -TERM $client
  status=0
  wait $client || status=$?
  [ "$status" = 9 ]
  [[ "$(cat "$CT_HOME/out")" == *"got TERM" ]]
}

@test "a client that is killed or hangs up leaves the others and the container alone" {
  echo_server c
  for i in 1 2 3; do
    "$CORACLE" attach --no-stdin c >"$CT_HOME/out$i" 3>&- &
    clients[i]=$!
  done
  sleep 0.5
  kill -9 "${clients[1]}"
  wait "${clients[1]}" || :
  "$CORACLE" attach c <<<"one" | head -n 1 >/dev/null 3>&- &
  sleep 0.3
  run -6 bash -c "echo end | '$CORACLE' attach c"
  wait "${clients[2]}" || :
  wait "${clients[3]}" || :
  [ "$(cat "$CT_HOME/out2")" = $'1 one\n2 end' ]
  [ "$(cat "$CT_HOME/out3")" = $'1 one\n2 end' ]
}

@test "a hundred megabytes to a slow client and a fast one: nothing lost, memory bounded" {
  coracle run -d --name c -i --network none "$BB" sh -c 'read l; yes 0123456789 | head -c 100000000; exit 5'
  mkfifo "$CT_HOME/slow"
  sh -c 'sleep 1.5; md5sum' <"$CT_HOME/slow" >"$CT_HOME/slow.sum" 3>&- &
  reader=$!
  "$CORACLE" attach --no-stdin c >"$CT_HOME/slow" 3>&- &
  slow=$!
  sh -c "'$CORACLE' attach --no-stdin c | md5sum" >"$CT_HOME/fast.sum" 3>&- &
  fast=$!
  sleep 0.5
  monitor=$(monitor_of c)
  timeout -s KILL 0.2 "$CORACLE" attach c <<<go || [ $? = 137 ]
  sleep 0.5
  has_memory_below 8000 $monitor $slow
  status=0
  wait $slow || status=$?
  [ "$status" = 5 ]
  wait $fast $reader
  want=$(yes 0123456789 | head -c 100000000 | md5sum)
  [ "$(cat "$CT_HOME/slow.sum")" = "$want" ]
  [ "$(cat "$CT_HOME/fast.sum")" = "$want" ]
  [ "$(coracle logs c | md5sum)" = "$want" ]
  rm "$CT_HOME/slow"
}

@test "the last words of a container reach everybody, and one who comes late hears that it is over" {
  echo_server c
  for i in $(seq 10); do
    "$CORACLE" attach --no-stdin c >"$CT_HOME/out$i" 3>&- &
  done
  sleep 0.7
  run -6 bash -c "echo end | '$CORACLE' attach c"
  wait
  for i in $(seq 10); do
    [ "$(cat "$CT_HOME/out$i")" = "1 end" ]
  done
  run --separate-stderr coracle attach c
  failed_with 125 "you can only attach to running containers"
}

# ---- through a real terminal ----

# in_tmux COMMAND: a session "main" of 90 x 25 in which COMMAND runs, below a shell that stays.
in_tmux() {
  env -u TMUX TERM=xterm tmux -f /dev/null -S "$CT_HOME/tmux" new-session -d -s main -x 90 -y 25 \
    "sh -c '$1; echo \"code=\$?\"; exec cat'" 3>&-
}

keys() {
  tmux -S "$CT_HOME/tmux" send-keys -t "${2:-main}" $1
}

# shows TEXT [SESSION]: within some seconds the screen does.
shows() {
  wait_for 10 sh -c "tmux -S '$CT_HOME/tmux' capture-pane -p -t '${2:-main}' | grep -qF -- '$1'" ||
    { tmux -S "$CT_HOME/tmux" capture-pane -p -t "${2:-main}"; return 1; }
}

@test "terminal: detach and attach again; the size is that of the newest" {
  need_command tmux
  coracle run -dit --name c --network none "$BB" sh
  in_tmux "'$CORACLE' attach c"
  # The prompt came before us; a new screen is drawn nevertheless, or Enter brings it.
  keys Enter
  shows '/ #'
  keys 'stty Space size Enter'
  shows '25 90'
  tmux -S "$CT_HOME/tmux" resize-window -t main -x 70 -y 20
  wait_for 5 sh -c "'$CORACLE' exec c stty -F /dev/pts/0 size | grep -q '^20 70'"
  # Another one, of another size.
  tmux -S "$CT_HOME/tmux" new-session -d -s second -x 100 -y 30 "sh -c \"'$CORACLE' attach c; exec cat\""
  wait_for 5 sh -c "'$CORACLE' exec c stty -F /dev/pts/0 size | grep -q '^30 100'"
  keys 'echo Space he"l"lo Enter' second
  shows hello second
  shows hello main
  keys 'C-p C-q'
  shows 'code=0'
  [ "$(coracle inspect --format '{{.State.Status}}' c)" = running ]
  # The other one is still there, and goes with the container.
  keys 'exit Space 4 Enter' second
  wait_for 5 sh -c "'$CORACLE' inspect --format '{{.State.Status}} {{.State.ExitCode}}' c | grep -qx 'exited 4'"
}

@test "terminal: who attaches with the same size makes the program draw" {
  need_command tmux
  coracle run -dit --name c --network none "$BB" \
    sh -c 'trap "stty size >>/sizes; echo dr\"a\"wn" WINCH; while :; do sleep 0.05; done'
  in_tmux "'$CORACLE' attach c"
  shows drawn
  keys 'C-p C-q'
  shows 'code=0'
  tmux -S "$CT_HOME/tmux" new-session -d -s second -x 90 -y 25 "sh -c \"'$CORACLE' attach c; exec cat\""
  shows drawn second
  [ "$(coracle exec c stty -F /dev/pts/0 size)" = "25 90" ]
}

@test "terminal: ^C is a byte for the container's terminal" {
  need_command tmux
  coracle run -dit --name c --network none "$BB" sh
  in_tmux "'$CORACLE' attach c"
  keys 'sleep Space 1000 Enter'
  sleep 0.5
  keys C-c
  keys 'echo Space st$?ill Enter'
  shows 'st130ill'
  # A SIGTERM to the client is not passed on with a terminal, and puts the terminal back.
  pkill -TERM -f "^$CORACLE attach c"
  shows 'code=143'
  [ "$(coracle inspect --format '{{.State.Status}}' c)" = running ]
}

@test "terminal: run -it can be left and entered again, with keys of one's own" {
  need_command tmux
  in_tmux "'$CORACLE' run -it --name c --detach-keys ctrl-a,d --network none '$BB' sh"
  shows '/ #'
  keys 'v=kept Enter C-a d'
  shows 'code=0'
  tmux -S "$CT_HOME/tmux" new-session -d -s second -x 80 -y 20 "sh -c \"'$CORACLE' attach c; exec cat\""
  keys 'echo Space $v-it Enter' second
  shows kept-it second
  # The container's keys hold for attach, too.
  keys 'C-a d' second
  wait_for 5 sh -c "! pgrep -f '^$CORACLE attach c'"
  [ "$(coracle inspect --format '{{.State.Status}}' c)" = running ]
}

@test "terminal: a hundred megabytes through attach" {
  need_command expect
  coracle run -dit --name c --network none "$BB" \
    sh -c 'seq 12500000 >/numbers; while [ ! -e /go ]; do sleep 0.1; done; cat /numbers; exit 5'
  # A keyboard at which nobody types: at the end of its input script would type a NUL.
  mkfifo "$CT_HOME/keyboard"
  exec 8<>"$CT_HOME/keyboard"
  timeout 120 script -qec "'$CORACLE' attach c" "$CT_HOME/typescript" >/dev/null <&8 3>&- &
  client=$!
  wait_for 60 sh -c "'$CORACLE' exec c tail -n 1 /numbers | grep -qx 12500000"
  coracle exec c touch /go
  status=0
  wait $client || status=$?
  [ "$status" = 5 ]
  # CR LF is the container's terminal's; script's own adds nothing in raw mode.
  sed -e 's/\r*$//' "$CT_HOME/typescript" | grep -x '[0-9][0-9]*' | cmp - <(seq 12500000)
  rm "$CT_HOME/typescript"
}
