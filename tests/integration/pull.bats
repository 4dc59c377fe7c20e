#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# pull, login, logout, image inspect against docker-registry and a registry that misbehaves.

load helpers

setup_file() {
  file_setup
  bad_registry_start
  cp -r "$CT_IMAGES/layers" "$CT_IMAGES/busybox" "$BAD_DIR"
}

teardown_file() {
  bad_registry_stop
  file_teardown
}

setup() {
  rm -f "$BAD_DIR/challenge" "$BAD_DIR/log"
}

forget_all() {
  coracle rmi -fa >/dev/null 2>&1 || :
  coracle system reset -f >/dev/null 2>&1 || :
}

# skopeo and coracle say the same about NAME.
same_as_skopeo() {
  coracle pull -q "$1" >"$BATS_TEST_TMPDIR/id"
  coracle image inspect "$1" >"$BATS_TEST_TMPDIR/ours"
  skopeo inspect --raw --tls-verify=false "docker://$1" >"$BATS_TEST_TMPDIR/manifest"
  skopeo inspect --config --raw --tls-verify=false "docker://$1" >"$BATS_TEST_TMPDIR/config"
  digest=sha256:$(sha256sum <"$BATS_TEST_TMPDIR/manifest" | cut -c1-64)
  config=$(jq -r .config.digest "$BATS_TEST_TMPDIR/manifest")
  [ "$(jq -r '.[0].Digest' "$BATS_TEST_TMPDIR/ours")" = "$digest" ]
  [ "sha256:$(jq -r '.[0].Id' "$BATS_TEST_TMPDIR/ours" | sed s/^sha256://)" = "$config" ]
  [ "sha256:$(sed s/^sha256:// "$BATS_TEST_TMPDIR/id")" = "$config" ]
  for pair in '.[0].RootFS.Layers=.rootfs.diff_ids' '.[0].Architecture=.architecture' \
    '.[0].Os=.os' '.[0].Config.Env=.config.Env' '.[0].Config.Cmd=.config.Cmd' \
    '.[0].Config.Entrypoint=.config.Entrypoint' '.[0].Config.User // ""=.config.User // ""' \
    '.[0].Config.Labels=.config.Labels' '.[0].Config.WorkingDir // ""=.config.WorkingDir // ""' \
    '.[0].Config.ExposedPorts=.config.ExposedPorts' '.[0].Config.Volumes=.config.Volumes' \
    '.[0].Config.StopSignal // ""=.config.StopSignal // ""' '.[0].Author=.author'; do
    diff <(jq -cS "${pair%%=*}" "$BATS_TEST_TMPDIR/ours") \
      <(jq -cS "${pair#*=}" "$BATS_TEST_TMPDIR/config") || { echo "differs: $pair"; return 1; }
  done
}

@test "pull by tag agrees with skopeo: OCI, docker schema 2, zstd layers, a full config" {
  for name in busybox:latest busybox:docker layers:oci layers:docker layers:zstd configured:latest; do
    echo "$name"
    same_as_skopeo "$REG/test/$name"
  done
}

@test "pull of the Debian images agrees with skopeo" {
  need_debian
  for name in debian:docker debian:oci debian:zstd; do
    same_as_skopeo "$REG/test/$name"
  done
}

@test "pull by digest, and by tag and digest" {
  digest=$(skopeo inspect --tls-verify=false --format '{{.Digest}}' "docker://$REG/test/layers:docker")
  coracle pull -q "$REG/test/layers@$digest"
  coracle image exists "$REG/test/layers@$digest"
  coracle pull -q "$REG/test/layers:docker@$digest"
  run -0 --separate-stderr coracle run --rm --network none "$REG/test/layers@$digest" cat /data/kept
  [ "$output" = kept ]
}

@test "pull prints the image id on stdout, and lines without control characters when no terminal" {
  forget_all
  run -0 --separate-stderr coracle pull "$REG/test/layers:oci"
  [[ "$output" =~ ^(sha256:)?[0-9a-f]{64}$ ]]
  [ -n "$stderr" ]
  [[ "$stderr" != *$'\r'* && "$stderr" != *$'\033'* ]]
  forget_all
  run -0 --separate-stderr coracle pull -q "$REG/test/layers:oci"
  [ -z "$stderr" ]
}

@test "what is present is not fetched again" {
  coracle pull -q --tls-verify=false "$BAD/ok/layers"
  before=$(grep -c /blobs/ "$BAD_DIR/log" || :)
  coracle pull -q --tls-verify=false "$BAD/ok/layers"
  [ "$(grep -c /blobs/ "$BAD_DIR/log" || :)" = "$before" ]
  # Each of the blobs once.
  [ -z "$(sed -n 's/^GET \([^ ]*blobs[^ ]*\).*/\1/p' "$BAD_DIR/log" | sort | uniq -d)" ]
}

@test "platforms of an index: the host's, --platform, --arch, --os, variants" {
  declare -A want=([linux/amd64]=linux/amd64 [linux/arm64]=linux/arm64/v8 \
    [linux/arm64/v8]=linux/arm64/v8 [linux/arm/v7]=linux/arm/v7 [linux/arm/v6]=linux/arm/v6)
  for platform in "${!want[@]}"; do
    coracle pull -q --platform "$platform" "$REG/test/multi"
    run -0 coracle image inspect --format '{{.Config.Labels.platform}}' "$REG/test/multi"
    [ "$output" = "${want[$platform]}" ]
  done
  coracle pull -q --arch arm64 --os linux "$REG/test/multi"
  run -0 coracle image inspect --format '{{.Architecture}}' "$REG/test/multi"
  [ "$output" = arm64 ]
  coracle pull -q "$REG/test/multi"
  run -0 coracle image inspect --format '{{.Architecture}}' "$REG/test/multi"
  [ "$output" = "$(host_arch)" ]
  run --separate-stderr coracle pull -q --platform windows/amd64 "$REG/test/multi"
  failed_with 125 ""
}

@test "TLS: unknown authority is refused, --cert-dir and certs.d are taken, --tls-verify=false goes on" {
  run --separate-stderr coracle pull -q --creds "$REG_USER:$REG_PASSWORD" "$REG_TLS/test/busybox"
  failed_with 125 "certificate"
  coracle pull -q --creds "$REG_USER:$REG_PASSWORD" --cert-dir "$REG_CERTS" "$REG_TLS/test/busybox"
  coracle pull -q --creds "$REG_USER:$REG_PASSWORD" --tls-verify=false "$REG_TLS/test/busybox"
  mkdir -p "$XDG_CONFIG_HOME/containers/certs.d/$REG_TLS"
  cp "$REG_CERTS/ca.crt" "$XDG_CONFIG_HOME/containers/certs.d/$REG_TLS/"
  coracle pull -q --creds "$REG_USER:$REG_PASSWORD" "$REG_TLS/test/busybox"
}

@test "login checks and stores, pull uses it, logout forgets" {
  mkdir -p "$XDG_CONFIG_HOME/containers/certs.d/$REG_TLS"
  cp "$REG_CERTS/ca.crt" "$XDG_CONFIG_HOME/containers/certs.d/$REG_TLS/"
  run --separate-stderr coracle pull -q "$REG_TLS/test/busybox"
  failed_with 125 "unauthorized"
  run --separate-stderr coracle login -u tester -p wrong "$REG_TLS"
  [ "$status" = 125 ]
  [ ! -e "$XDG_RUNTIME_DIR/containers/auth.json" ]
  printf '%s' "$REG_PASSWORD" | coracle login -u "$REG_USER" --password-stdin "$REG_TLS"
  [ "$(stat -c %a "$XDG_RUNTIME_DIR/containers/auth.json")" = 600 ]
  [ "$(jq -r --arg h "$REG_TLS" '.auths[$h].auth' "$XDG_RUNTIME_DIR/containers/auth.json" | base64 -d)" = \
    "$REG_USER:$REG_PASSWORD" ]
  run -0 coracle login --get-login "$REG_TLS"
  [ "$output" = "$REG_USER" ]
  coracle pull -q "$REG_TLS/test/busybox"
  # The peer reads the same file.
  skopeo inspect --cert-dir "$REG_CERTS" "docker://$REG_TLS/test/busybox" >/dev/null
  coracle logout "$REG_TLS"
  run --separate-stderr coracle pull -q "$REG_TLS/test/busybox"
  failed_with 125 "unauthorized"
  run -125 coracle logout "$REG_TLS"
}

@test "--authfile, docker's config.json and a credential helper" {
  cp -r "$REG_CERTS" "$CT_HOME/certs" 2>/dev/null || :
  auth=$(printf '%s' "$REG_USER:$REG_PASSWORD" | base64 -w0)
  jq -n --arg h "$REG_TLS" --arg a "$auth" '{auths: {($h): {auth: $a}}}' >"$CT_HOME/auth.json"
  coracle pull -q --cert-dir "$REG_CERTS" --authfile "$CT_HOME/auth.json" "$REG_TLS/test/busybox"
  REGISTRY_AUTH_FILE=$CT_HOME/auth.json coracle pull -q --cert-dir "$REG_CERTS" "$REG_TLS/test/busybox"
  mkdir -p "$HOME/.docker" "$CT_HOME/bin"
  cp "$CT_HOME/auth.json" "$HOME/.docker/config.json"
  coracle pull -q --cert-dir "$REG_CERTS" "$REG_TLS/test/busybox"
  cat >"$CT_HOME/bin/docker-credential-test" <<END
#!/bin/sh
[ "\$1" = get ] && server=\$(cat) && echo "\$server" >>"$CT_HOME/asked" &&
  printf '{"ServerURL":"%s","Username":"%s","Secret":"%s"}' "\$server" "$REG_USER" "$REG_PASSWORD"
END
  chmod +x "$CT_HOME/bin/docker-credential-test"
  jq -n --arg h "$REG_TLS" '{credHelpers: {($h): "test"}}' >"$HOME/.docker/config.json"
  PATH=$CT_HOME/bin:$PATH coracle pull -q --cert-dir "$REG_CERTS" "$REG_TLS/test/busybox"
  grep -q "$REG_TLS" "$CT_HOME/asked"
  rm -r "$HOME/.docker"
}

@test "plain http only where it is allowed" {
  printf '' >"$CT_HOME/none.conf"
  CONTAINERS_REGISTRIES_CONF=$CT_HOME/none.conf run --separate-stderr coracle pull -q "$REG/test/busybox"
  failed_with 125 ""
  CONTAINERS_REGISTRIES_CONF=$CT_HOME/none.conf coracle pull -q --tls-verify=false "$REG/test/busybox"
}

@test "registries.conf: short names, aliases, prefix, mirrors, blocked" {
  cat >"$CT_HOME/registries.conf" <<END
unqualified-search-registries = ["$REG"]
[[registry]]
location = "$REG"
insecure = true
[[registry]]
prefix = "rewritten.example/some"
location = "$REG/test"
insecure = true
[[registry]]
location = "mirrored.example"
[[registry.mirror]]
location = "127.0.0.1:1"
insecure = true
[[registry.mirror]]
location = "$REG"
insecure = true
[[registry]]
location = "bad.example"
blocked = true
[aliases]
"nick" = "$REG/test/busybox"
END
  export CONTAINERS_REGISTRIES_CONF=$CT_HOME/registries.conf
  coracle pull -q test/busybox
  coracle image exists "$REG/test/busybox:latest"
  coracle pull -q nick
  coracle pull -q rewritten.example/some/busybox
  coracle image exists rewritten.example/some/busybox:latest
  coracle pull -q mirrored.example/test/busybox
  coracle image exists mirrored.example/test/busybox:latest
  run --separate-stderr coracle pull -q bad.example/x
  failed_with 125 "blocked"
}

@test "a broken connection is resumed with Range" {
  forget_all
  coracle pull -q --tls-verify=false "$BAD/break/layers"
  grep -q '^GET /v2/break/layers/blobs/[^ ]* bytes=[1-9]' "$BAD_DIR/log"
  run -0 coracle run --rm --network none "$BAD/break/layers" cat /data/kept
}

@test "a server without Range is read from the start again" {
  forget_all
  coracle pull -q --tls-verify=false "$BAD/norange/layers"
  coracle image exists "$BAD/norange/layers"
}

# An image of one layer of 9 MB that does not get smaller, at $BAD/MODE/big; its layer is $big.
big_image() {
  if [ ! -e "$BAD_DIR/big" ]; then
    head -c 9000000 /dev/urandom >"$CT_HOME/noise"
    echo "file noise from=$CT_HOME/noise" | "$CT_SUPPORT/mktar" >"$CT_HOME/big.tar"
    bad_image big "$CT_HOME/big.tar"
  fi
  big=$(cd "$BAD_DIR/big/blobs/sha256" && ls -S | head -n 1)
  partial=$XDG_DATA_HOME/coracle/partial/$big
}

# holds FILE SIZE: it has at least that many bytes.
holds() {
  [ "$(stat -c %s "$1")" -ge "$2" ]
}

# The layer's first byte in the last request for it.
last_range() {
  sed -n "s|^GET /v2/$1/big/blobs/sha256:$big bytes=\([0-9]*\)-.*|\1|p" "$BAD_DIR/log" | tail -n 1
}

# The noise, unpacked, is what it was.
big_is_whole() {
  coracle image exists "$1"
  cmp "$CT_HOME/noise" "$XDG_DATA_HOME"/coracle/layers/*/diff/noise
}

@test "a server that breaks off again and again is borne while bytes come" {
  forget_all
  big_image
  # More breaks than there are retries: each piece gives them back.
  coracle pull -q --tls-verify=false "$BAD/pieces/big"
  [ "$(grep -c "^GET /v2/pieces/big/blobs/sha256:$big" "$BAD_DIR/log")" = 6 ]
  [ "$(last_range pieces)" = $((5 * 3 << 19)) ]
  big_is_whole "$BAD/pieces/big"
}

@test "a server that never comes to the end is given up, another pull goes on from there" {
  forget_all
  big_image
  run --separate-stderr timeout 60 "$CORACLE" pull -q --tls-verify=false "$BAD/halves/big"
  failed_with 125 "broke"
  run -1 coracle image exists "$BAD/halves/big"
  kept=$(stat -c %s "$partial")
  [ "$kept" -gt 8000000 ]
  coracle pull -q --tls-verify=false "$BAD/ok/big"
  [ "$(last_range ok)" = "$kept" ]
  big_is_whole "$BAD/ok/big"
}

@test "a pull killed in the middle of a blob is resumed there" {
  forget_all
  big_image
  setsid "$CORACLE" pull -q --tls-verify=false "$BAD/slow/big" >/dev/null 2>&1 3>&- &
  victim=$!
  wait_for 30 holds "$partial" 1000000
  # Its session: the programs it started as well.
  pkill -KILL -s "$victim"
  wait_for 10 has_no_process_of_session "$victim"
  run -1 coracle image exists "$BAD/slow/big"
  [ -z "$(coracle images -q)" ]
  kept=$(stat -c %s "$partial")
  [ "$kept" -lt 9000000 ]
  coracle pull -q --tls-verify=false "$BAD/ok/big"
  [ "$(last_range ok)" = "$kept" ]
  big_is_whole "$BAD/ok/big"
  store_is_clean
}

@test "503 and 429 are waited for" {
  forget_all
  timeout 60 "$CORACLE" pull -q --tls-verify=false "$BAD/busy/busybox"
}

@test "a redirect to another host does not take the password along" {
  forget_all
  printf redirect >"$BAD_DIR/challenge"
  coracle pull -q --tls-verify=false --creds tester:secret "$BAD/redirect/layers"
  grep -q ' other$' "$BAD_DIR/log"
  ! grep ' other$' "$BAD_DIR/log" | grep -v ' - other$'
}

@test "a Bearer token is asked for and used" {
  forget_all
  printf token >"$BAD_DIR/challenge"
  coracle pull -q --tls-verify=false "$BAD/token/layers"
  grep -q 'GET /token?.*scope=' "$BAD_DIR/log"
}

@test "HTTPS_PROXY and NO_PROXY are honoured" {
  HTTPS_PROXY=http://127.0.0.1:1 run --separate-stderr coracle pull -q --cert-dir "$REG_CERTS" \
    --creds "$REG_USER:$REG_PASSWORD" --retry 0 "$REG_TLS/test/busybox"
  [ "$status" = 125 ]
  HTTPS_PROXY=http://127.0.0.1:1 NO_PROXY=localhost coracle pull -q --cert-dir "$REG_CERTS" \
    --creds "$REG_USER:$REG_PASSWORD" "$REG_TLS/test/busybox"
}

@test "a pull killed at any moment leaves a usable store, the next one completes it" {
  image=$BAD/slow/layers
  for delay in 0.02 0.05 0.1 0.15 0.2 0.3 0.5 0.8; do
    forget_all
    "$CORACLE" pull -q --tls-verify=false "$image" >/dev/null 2>&1 3>&- &
    victim=$!
    sleep $delay
    pkill -KILL -P $victim || :
    kill -KILL $victim 2>/dev/null || :
    wait $victim 2>/dev/null || :
    coracle images >/dev/null
    coracle pull -q --tls-verify=false "$BAD/ok/layers" >/dev/null
    run -0 coracle run --rm --network none "$BAD/ok/layers" cat /data/opaque/new
    [ "$output" = new ]
  done
  store_is_clean
}

@test "several pulls of the same image at once all succeed" {
  forget_all
  pids=
  for i in 1 2 3 4 5 6; do
    "$CORACLE" pull -q "$REG/test/layers:oci" >"$BATS_TEST_TMPDIR/$i" 2>&1 3>&- &
    pids="$pids $!"
  done
  for pid in $pids; do wait "$pid"; done
  [ "$(cat "$BATS_TEST_TMPDIR"/[1-6] | sort -u | wc -l)" = 1 ]
  store_is_clean
}

@test "pull policies of run" {
  forget_all
  run --separate-stderr coracle run --pull never --rm "$BB" true
  failed_with 125 ""
  run -0 coracle run --pull missing --rm --network none "$BB" true
  run -0 coracle run --pull always --rm --network none "$BB" true
  run -0 coracle run --pull newer --rm --network none "$BB" true
}

@test "import: a file, standard input, --change" {
  tar -cf "$BATS_TEST_TMPDIR/root.tar" -C "$CT_TESTS" support/mktar
  coracle import "$BATS_TEST_TMPDIR/root.tar" localhost/imported:1
  coracle import --change 'CMD ["a", "b"]' --change 'ENV X=y' --change 'USER 5:6' \
    --change 'LABEL k=v' - localhost/imported:2 <"$BATS_TEST_TMPDIR/root.tar"
  run -0 coracle image inspect localhost/imported:2 --format '{{json .Config.Cmd}} {{.Config.User}}'
  [ "$output" = '["a","b"] 5:6' ]
  coracle images | grep -q 'localhost/imported'
}

@test "images, image exists, rmi" {
  coracle pull -q "$BB"
  run -0 coracle images -q
  [ -n "$output" ]
  run -0 coracle images --format '{{.Repository}}:{{.Tag}}'
  [[ "$output" == *"$BB"* ]]
  coracle image exists "$BB"
  run -1 coracle image exists no.such/image
  coracle rmi "$BB"
  run -1 coracle image exists "$BB"
  run --separate-stderr coracle rmi "$BB"
  failed_with 1 "image not known"
}
