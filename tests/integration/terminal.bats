#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers at a terminal: tmux is the person, whose keys go in and whose screen is looked at.

load helpers

setup_file() {
  file_setup busybox:latest
}

teardown_file() {
  file_teardown
}

teardown() {
  tmux -S "$CT_HOME/tmux" kill-server 2>/dev/null || :
  coracle rm -fa -t 0 >/dev/null 2>&1 || :
}

# open NAME [WIDTH HEIGHT]: a terminal with a shell of the host's in it, whose prompt is "host>".
open() {
  env -u TMUX SHELL=/bin/sh TERM=xterm PS1='host> ' CORACLE="$CORACLE" BB="$BB" tmux -f /dev/null -S "$CT_HOME/tmux" \
    new-session -d -s "$1" -x "${2:-90}" -y "${3:-25}" sh 3>&-
  shows "$1" 'host>'
}

# type NAME TEXT: a line, and Enter. keys NAME KEY...: keys by their names.
type() {
  tmux -S "$CT_HOME/tmux" send-keys -t "$1" -l -- "$2"
  tmux -S "$CT_HOME/tmux" send-keys -t "$1" Enter
}

keys() {
  name=$1
  shift
  tmux -S "$CT_HOME/tmux" send-keys -t "$name" "$@"
}

screen() {
  tmux -S "$CT_HOME/tmux" capture-pane -p -t "$1" | sed '/^$/d'
}

screen_has() {
  screen "$1" | grep -qE -- "$2"
}

# shows NAME PATTERN: within some seconds the screen does.
shows() {
  wait_for 15 screen_has "$1" "$2" || { echo "no \"$2\":"; screen "$1"; return 1; }
}

has_prompt() {
  screen "$1" | tail -n 1 | grep -q 'host>$'
}

# The shell of the host is back, the last command ended with CODE, and the terminal is as it was.
is_back() {
  wait_for 15 has_prompt "$1" || { screen "$1"; return 1; }
  type "$1" "echo co\"d\"e=\$?"
  shows "$1" "(^|> )code=$2\$"
  type "$1" "stty -a | grep -qw icanon && stty -a | grep -qw echo && stty -a | grep -qw isig && echo co\"ok\"ed"
  shows "$1" '(^|> )cooked$'
}

status_of() {
  coracle inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$1"
}

has_status() {
  [ "$(status_of "$1")" = "$2" ]
}

monitor_of() {
  jq -r .monitor.pid "$XDG_RUNTIME_DIR/coracle/containers/$(coracle inspect --format '{{.Id}}' "$1")/state.json"
}

# client VERB: the pid of the client that was typed.
client() {
  pgrep -u "$(id -u)" -f "^$CORACLE $1"
}

# Private memory of a monitor, bound of all tests: 4 MiB.
is_small() {
  kb=$(awk '/^RssAnon/ { print $2 }' "/proc/$1/status")
  [ "$kb" -lt 4096 ] || { echo "$1 has $kb KB"; return 1; }
}

@test "run -it: size, resize, ^C, ^Z, exit code and mode" {
  open a
  type a '$CORACLE run -it --name c --network none $BB sh'
  shows a '^/ #'
  type a 'stty size'
  shows a '^25 90'
  tmux -S "$CT_HOME/tmux" resize-window -t a -x 70 -y 20
  type a 'sleep 0.3; stty size'
  shows a '^20 70'
  # ^C is for what runs in front there, and the shell there and the client go on.
  type a 'echo slee"ping"; sleep 1000'
  shows a '^sleeping'
  keys a C-c
  type a 'echo st$?ill'
  shows a '^st130ill'
  # ^Z stops the program there, not the client here.
  type a 'echo stop"ping"; sleep 1000'
  shows a '^stopping'
  keys a C-z
  shows a 'Stopped'
  type a 'kill -9 %1; sleep 0.2; exit 5'
  is_back a 5
  [ "$(status_of c)" = "exited 5" ]
}

@test "exec -it: the same, and the container goes on" {
  coracle run -d --name c --network none "$BB" sleep 1000
  open a 101 33
  type a '$CORACLE exec -it c sh'
  shows a '^/ #'
  type a 'stty size; tty'
  shows a '^33 101'
  shows a '^/dev/pts/'
  tmux -S "$CT_HOME/tmux" resize-window -t a -x 80 -y 30
  type a 'sleep 0.3; stty size'
  shows a '^30 80'
  type a 'echo slee"ping"; sleep 1000'
  shows a '^sleeping'
  keys a C-c
  type a 'echo st$?ill; exit 6'
  shows a '^st130ill'
  is_back a 6
  [ "$(status_of c)" = "running 0" ]
}

@test "detached and attached again: a prompt after Enter, the new terminal's size" {
  open a
  type a '$CORACLE run -it --name c --network none $BB sh'
  shows a '^/ #'
  type a 'kept=yes'
  # A lone ^P goes through: the shell's last line comes again.
  keys a C-p
  sleep 0.3
  keys a C-u C-p C-q
  is_back a 0
  [ "$(status_of c)" = "running 0" ]
  open b 60 15
  type b '$CORACLE attach c'
  keys b Enter
  shows b '^/ #'
  type b 'stty size; echo kept=$kept'
  shows b '^15 60'
  shows b '^kept=yes'
  keys b C-p C-q
  is_back b 0
  # The first terminal again: its size counts now.
  type a '$CORACLE attach -l'
  keys a Enter
  type a 'stty size; exit 3'
  shows a '^25 90'
  is_back a 3
}

@test "other keys detach, or none" {
  coracle run -dit --name c --network none "$BB" sh
  open a
  type a '$CORACLE attach --detach-keys=ctrl-x,y c'
  keys a Enter
  shows a '^/ #'
  keys a C-p C-q C-x x Enter
  shows a 'not found'
  keys a C-x y
  is_back a 0
  type a 'clear; $CORACLE exec -it --detach-keys= c sh'
  shows a '^/ #'
  keys a C-p C-q C-u
  type a 'echo he"r"e; exit 4'
  shows a '^here'
  is_back a 4
}

@test "start -ai" {
  coracle create -it --name c --network none "$BB" sh -c 'read line; echo "got $line"; stty size; exit 8'
  open a 77 22
  type a '$CORACLE start -ai c'
  wait_for 5 has_status c "running 0"
  type a 'hello'
  shows a '^got hello'
  shows a '^22 77'
  is_back a 8
}

@test "the mode comes back whatever ends the client" {
  coracle run -dit --name c --network none "$BB" sh
  open a
  type a '$CORACLE attach c'
  keys a Enter
  shows a '^/ #'
  kill -TERM "$(client 'attach c')"
  is_back a 143
  type a 'clear; $CORACLE attach c'
  keys a Enter
  shows a '^/ #'
  coracle kill c
  is_back a 137
  coracle start c
  type a 'clear; $CORACLE attach c'
  keys a Enter
  shows a '^/ #'
  kill -KILL "$(monitor_of c)"
  shows a "monitor ended unexpectedly"
  is_back a 125
}

@test "a client that is stopped from outside leaves the terminal as it was, and comes back" {
  coracle run -dit --name c --network none "$BB" sh
  open a
  type a '$CORACLE attach c'
  keys a Enter
  shows a '^/ #'
  kill -TSTP "$(client 'attach c')"
  shows a 'Stopped'
  tmux -S "$CT_HOME/tmux" resize-window -t a -x 66 -y 20
  type a 'stty -a | grep -qw icanon && echo co"ok"ed'
  shows a '^cooked'
  type a 'clear; fg'
  shows a 'attach c$'
  keys a Enter
  type a 'sleep 0.2; stty size; sleep 1000'
  shows a '^20 66'
  keys a C-c
  type a 'echo st$?ill'
  shows a '^st130ill'
  keys a C-p C-q
  is_back a 0
}

@test "several at once see the same and type into the same" {
  coracle run -dit --name c --network none "$BB" sh
  for name in a b w; do
    open $name
  done
  type a '$CORACLE attach c'
  type b '$CORACLE attach c'
  type w '$CORACLE attach --no-stdin c'
  for name in a b w; do
    wait_for 5 sh -c "[ \$(pgrep -cf '^$CORACLE attach') = 3 ]"
  done
  type a 'echo from"A"'
  type b 'echo from"B"'
  for name in a b w; do
    shows $name '^fromA'
    shows $name '^fromB'
  done
  # The watcher's keys go nowhere, and its ^C ends it alone.
  type w 'echo from"W"'
  keys w C-c
  is_back w 130
  keys a C-p C-q
  is_back a 0
  type b 'echo al"one"; exit 9'
  shows b '^alone'
  is_back b 9
  ! screen_has b 'fromW'
}

@test "--sig-proxy=false: ^C ends the client; without it, the container" {
  coracle run -d --name c --network none "$BB" \
    sh -c 'trap "echo got INT; exit 7" INT; while :; do echo tick; sleep 0.2; done'
  open a
  type a '$CORACLE attach --sig-proxy=false c'
  shows a '^tick'
  keys a C-c
  is_back a 130
  [ "$(status_of c)" = "running 0" ]
  type a 'clear; $CORACLE attach c'
  shows a '^tick'
  keys a C-c
  shows a 'got INT'
  is_back a 7
}

@test "^C reaches a container that does not read its input" {
  open a
  type a 'yes | $CORACLE run -i --name c --network none $BB sh -c "trap \"echo got INT; exit 7\" INT; echo on; while :; do sleep 0.1; done"'
  shows a '^on'
  sleep 0.5
  keys a C-c
  shows a 'got INT'
  wait_for 5 has_status c "exited 7"
}

@test "logs -f: ^C ends it, and the container's own end does; colours and names of several" {
  coracle run -d --name one --network none "$BB" sh -c 'echo a1; while [ ! -e /stop ]; do sleep 0.1; done; echo a2'
  coracle run -d --name two --network none "$BB" sh -c 'echo b1; sleep 1000'
  open a
  type a '$CORACLE logs -f one'
  shows a '^a1'
  keys a C-c
  is_back a 130
  type a 'clear; $CORACLE logs -f --names --color one two'
  shows a '^one a1'
  shows a '^two b1'
  # The escape sequences, as the screen keeps them: two containers, two colours.
  tmux -S "$CT_HOME/tmux" capture-pane -e -p -t a >"$CT_HOME/colours"
  one=$(grep 'a1' "$CT_HOME/colours" | grep -o '\[[0-9;]*m' | head -n 1)
  two=$(grep 'b1' "$CT_HOME/colours" | grep -o '\[[0-9;]*m' | head -n 1)
  [ -n "$one" ]
  [ -n "$two" ]
  [ "$one" != "$two" ]
  coracle exec one touch /stop
  shows a '^one a2'
  keys a C-c
  is_back a 130
  type a 'clear; $CORACLE logs -f one'
  shows a '^a2'
  is_back a 0
}

# ---- a hundred megabytes ----

# hundred: 100 MB of lines, and their sum.
hundred='i=0; while [ $i -lt 100 ]; do seq -f "%015.0f" $((i * 62500 + 1)) $((i * 62500 + 62500)); i=$((i + 1)); done'

setup_hundred() {
  [ -e "$CT_HOME/hundred" ] || seq -f '%015.0f' 6250000 >"$CT_HOME/hundred"
  want=$(md5sum <"$CT_HOME/hundred")
  [ "$(stat -c %s "$CT_HOME/hundred")" = 100000000 ]
}

# through TERMINAL-COMMAND: what came out of a terminal of its own, without the CR that terminals put in.
through() {
  mkfifo "$CT_HOME/keyboard" 2>/dev/null || :
  exec 8<>"$CT_HOME/keyboard"
  timeout 120 script -qec "$1" "$CT_HOME/typescript" <&8 >/dev/null 3>&-
  exec 8>&-
  sed -e '/^Script /d' -e 's/\r*$//' "$CT_HOME/typescript" | grep -E '^[0-9]{15}$' | md5sum
}

@test "100 MB through run, exec and logs -f, with and without a terminal" {
  setup_hundred
  options="--network none -v $CT_HOME/hundred:/hundred:ro"
  [ "$(coracle run --rm $options "$BB" cat /hundred | md5sum)" = "$want" ]
  [ "$(through "'$CORACLE' run --rm -it $options '$BB' cat /hundred")" = "$want" ]
  coracle run -d --name c $options "$BB" sh -c 'while [ ! -e /go ]; do sleep 0.1; done; cat /hundred'
  [ "$(coracle exec c cat /hundred | md5sum)" = "$want" ]
  [ "$(coracle exec -i c cat <"$CT_HOME/hundred" | md5sum)" = "$want" ]
  [ "$(through "'$CORACLE' exec -it c cat /hundred")" = "$want" ]
  "$CORACLE" logs -f c >"$CT_HOME/followed" 3>&- &
  follower=$!
  sleep 0.5
  coracle exec c touch /go
  wait $follower
  [ "$(md5sum <"$CT_HOME/followed")" = "$want" ]
  rm "$CT_HOME/followed" "$CT_HOME/typescript"
}

@test "100 MB through attach: a slow one loses nothing, a fast one does not wait, memory is bounded" {
  setup_hundred
  coracle run -d -i --name c --network none -v "$CT_HOME/hundred:/hundred:ro" "$BB" sh -c 'read l; cat /hundred; exit 5'
  mkfifo "$CT_HOME/slow"
  exec 7<>"$CT_HOME/slow"
  "$CORACLE" attach --no-stdin c >"$CT_HOME/slow" 3>&- 7>&- &
  slow=$!
  sh -c "'$CORACLE' attach --no-stdin c | md5sum" >"$CT_HOME/fast.sum" 3>&- 7>&- &
  fast=$!
  sleep 0.5
  monitor=$(monitor_of c)
  timeout -s KILL 0.3 "$CORACLE" attach c <<<go >/dev/null || [ $? = 137 ]
  # The fast one and the container are through while the slow one has not read a byte.
  wait $fast
  [ "$(cat "$CT_HOME/fast.sum")" = "$want" ]
  wait_for 5 has_status c "exited 5"
  has_ended "$monitor"
  is_small "$(pgrep -f "^coracle-monitor $(coracle inspect --format '{{.Id}}' c)")"
  is_small $slow
  md5sum <"$CT_HOME/slow" >"$CT_HOME/slow.sum" 3>&- 7>&- &
  reader=$!
  sleep 0.2
  exec 7>&-
  status=0
  wait $slow || status=$?
  [ "$status" = 5 ]
  wait $reader
  [ "$(cat "$CT_HOME/slow.sum")" = "$want" ]
  [ "$(coracle logs c | md5sum)" = "$want" ]
  no_container_processes
}

@test "a terminal that is not looked at does not stop the container for ever" {
  coracle run -dit --name c --network none "$BB" \
    sh -c 'i=0; while :; do i=$((i + 1)); echo "line $i of many that nobody reads at the moment"; done'
  mkfifo "$CT_HOME/unread"
  exec 7<>"$CT_HOME/unread"
  "$CORACLE" attach --no-stdin c >"$CT_HOME/unread" 2>"$CT_HOME/told" 3>&- 7>&- &
  client=$!
  sleep 2
  before=$(coracle logs --tail 1 c)
  is_small "$(monitor_of c)"
  wait_for 20 sh -c "[ \"\$('$CORACLE' logs --tail 1 c)\" != '$before' ]"
  is_small "$(monitor_of c)"
  # Who looks again hears that something is missing.
  cat <"$CT_HOME/unread" >/dev/null 3>&- 7>&- &
  reader=$!
  wait_for 10 grep -q 'bytes of output are left out' "$CT_HOME/told"
  kill $client
  wait $client || :
  exec 7>&-
  wait $reader
}
