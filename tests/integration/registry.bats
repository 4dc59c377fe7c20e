#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The ways to a registry: proxies, token servers, client certificates, pauses between tries.

load helpers

setup_file() {
  file_setup
  bad_registry_start
  cp -r "$CT_IMAGES/busybox" "$CT_IMAGES/layers" "$BAD_DIR"
  mkdir "$CT_HOME/proxy" "$CT_HOME/token"
  "$CT_SUPPORT/connect-proxy" "$CT_HOME/proxy" >/dev/null 2>&1 3>&- &
  PROXY_PID=$!
  wait_for 5 test -s "$CT_HOME/proxy/port"
  PROXY=127.0.0.1:$(cat "$CT_HOME/proxy/port")
  # Certificates and their authority's key lie beside the directory that clients are shown.
  KEYS=${REG_CERTS%/*}
  token_server_start
  export PROXY_PID PROXY KEYS TOKEN_PID REG_TOKEN REG_CLIENT
  REG_TOKEN=localhost:$("$CT_SUPPORT/fixtures" start "$CT_HOME/more" token \
    "  tls: {certificate: $KEYS/server.crt, key: $KEYS/server.key}" "auth:" \
    "  token: {realm: 'https://localhost:$TOKEN_PORT/token', service: test, issuer: tests," \
    "    rootcertbundle: $REG_CERTS/ca.crt}" 3>&-)
  REG_CLIENT=localhost:$("$CT_SUPPORT/fixtures" start "$CT_HOME/more" client \
    "  tls: {certificate: $KEYS/server.crt, key: $KEYS/server.key, clientcas: [$REG_CERTS/ca.crt]}" 3>&-)
}

teardown_file() {
  kill "$PROXY_PID" "$TOKEN_PID" 2>/dev/null || :
  "$CT_SUPPORT/fixtures" down "$CT_HOME/more"
  bad_registry_stop
  file_teardown
}

setup() {
  rm -rf "$CT_HOME/proxy/log" "$CT_HOME/proxy/refuse" "$CT_HOME/token/log" "$BAD_DIR/log" "$BAD_DIR/seen"
  mkdir -p "$BAD_DIR/seen"
  unset HTTPS_PROXY https_proxy NO_PROXY no_proxy ALL_PROXY all_proxy
}

# The authorization server of the registry at $REG_TOKEN: a process a request, behind TLS.
token_server_start() {
  cp "$KEYS/server.crt" "$KEYS/server.key" "$CT_HOME/token"
  TOKEN_PORT=$(free_port)
  socat "OPENSSL-LISTEN:$TOKEN_PORT,bind=127.0.0.1,reuseaddr,fork,verify=0,cert=$KEYS/server.crt,key=$KEYS/server.key" \
    "EXEC:$CT_SUPPORT/token-server $CT_HOME/token" >/dev/null 2>&1 3>&- &
  TOKEN_PID=$!
  wait_for 5 sh -c "socat -u OPEN:/dev/null TCP:127.0.0.1:$TOKEN_PORT"
}

# Everything anew: what is there would not be asked for.
pull_tls() {
  coracle rmi -fa >/dev/null 2>&1 || :
  coracle pull -q --cert-dir "$REG_CERTS" "$@"
}

# auth_file HOST JSON: an auth.json with that entry; prints its path.
auth_file() {
  jq -n --arg host "$1" --argjson entry "$2" '{auths: {($host): $entry}}' >"$BATS_TEST_TMPDIR/auth.json"
  echo "$BATS_TEST_TMPDIR/auth.json"
}

@test "HTTPS_PROXY: every connection goes through it, the password does not go to it" {
  export HTTPS_PROXY=http://$PROXY
  pull_tls --creds "$REG_USER:$REG_PASSWORD" "$REG_TLS/test/busybox"
  [ "$(sort -u "$CT_HOME/proxy/log")" = "CONNECT $REG_TLS - -" ]
}

@test "HTTPS_PROXY with a password of its own" {
  export HTTPS_PROXY=http://somebody:and%20secret@$PROXY
  pull_tls --creds "$REG_USER:$REG_PASSWORD" "$REG_TLS/test/busybox"
  [ "$(sort -u "$CT_HOME/proxy/log")" = \
    "CONNECT $REG_TLS Basic $(printf 'somebody:and secret' | base64) -" ]
}

@test "NO_PROXY names whom to reach directly" {
  export HTTPS_PROXY=http://$PROXY
  for list in localhost 'elsewhere.example,localhost' '*'; do
    NO_PROXY=$list pull_tls --creds "$REG_USER:$REG_PASSWORD" "$REG_TLS/test/busybox"
    [ ! -e "$CT_HOME/proxy/log" ]
  done
  NO_PROXY=host pull_tls --creds "$REG_USER:$REG_PASSWORD" "$REG_TLS/test/busybox"
  [ -s "$CT_HOME/proxy/log" ]
}

@test "a proxy that refuses, is not there or finds nobody is named" {
  export HTTPS_PROXY=http://$PROXY
  echo '407 Proxy Authentication Required' >"$CT_HOME/proxy/refuse"
  run --separate-stderr pull_tls --retry 0 "$REG_TLS/test/busybox"
  failed_with 125 "proxy"
  [[ "$stderr" == *407* ]]
  rm "$CT_HOME/proxy/refuse"
  HTTPS_PROXY=http://127.0.0.1:1 run --separate-stderr pull_tls --retry 0 "$REG_TLS/test/busybox"
  failed_with 125 "connect to the proxy 127.0.0.1 port 1: Connection refused"
  for host in localhost:1 127.0.0.1:1 '[::1]:1'; do
    HTTPS_PROXY='' run --separate-stderr pull_tls --retry 0 "$host/test/busybox"
    failed_with 125 "connect to $host: "
  done
  run --separate-stderr pull_tls --retry 0 "localhost:1/test/busybox"
  failed_with 125 "502"
}

@test "a token without credentials, for what everybody may see" {
  pull_tls "$REG_TOKEN/test/busybox"
  grep -q '^GET /token?service=test&scope=repository%3Atest%2Fbusybox%3Apull - ' "$CT_HOME/token/log"
  run --separate-stderr pull_tls "$REG_TOKEN/test/layers:oci"
  failed_with 125 "unauthorized"
}

@test "a token for a user and a password" {
  pull_tls --creds "$REG_USER:$REG_PASSWORD" "$REG_TOKEN/test/layers:oci"
  grep -q '^GET /token?.*&account=tester Basic ' "$CT_HOME/token/log"
  run --separate-stderr pull_tls --creds tester:wrong "$REG_TOKEN/test/layers:oci"
  failed_with 125 "unauthorized"
}

@test "login at a registry with a token server" {
  run --separate-stderr coracle login --cert-dir "$REG_CERTS" -u tester -p wrong "$REG_TOKEN"
  failed_with 125 "unauthorized"
  coracle login --cert-dir "$REG_CERTS" -u "$REG_USER" -p "$REG_PASSWORD" "$REG_TOKEN"
  pull_tls "$REG_TOKEN/test/layers:oci"
  coracle logout "$REG_TOKEN"
}

@test "an identity token is exchanged for an access token, and for nothing else" {
  token='{"identitytoken": "the.identity.of.tester"}'
  pair=$(printf '<token>:the.identity.of.tester' | base64 -w0)
  for entry in "$token" "{\"auth\": \"$pair\"}"; do
    rm -f "$CT_HOME/token/log"
    pull_tls --authfile "$(auth_file "$REG_TOKEN" "$entry")" "$REG_TOKEN/test/layers:oci"
    grep -q '^POST /token - grant_type=refresh_token&.*&refresh_token=the.identity.of.tester&' "$CT_HOME/token/log"
    grep -q 'scope=repository%3Atest%2Flayers%3Apull' "$CT_HOME/token/log"
    ! grep -q ^GET "$CT_HOME/token/log"
  done
  run --separate-stderr pull_tls --authfile "$(auth_file "$REG_TOKEN" '{"identitytoken": "another"}')" \
    "$REG_TOKEN/test/layers:oci"
  failed_with 125 "unauthorized"
}

# client_certificate DIR: a certificate and key of the test authority, as certs.d wants them.
client_certificate() {
  mkdir -p "$1"
  cp "$REG_CERTS/ca.crt" "$1"
  openssl req -newkey rsa:2048 -nodes -subj '/CN=a client' -keyout "$1/client.key" \
    -out "$BATS_TEST_TMPDIR/client.csr" 2>/dev/null
  openssl x509 -req -in "$BATS_TEST_TMPDIR/client.csr" -CA "$REG_CERTS/ca.crt" -CAkey "$KEYS/ca.key" \
    -CAcreateserial -CAserial "$BATS_TEST_TMPDIR/serial" -days 2 -out "$1/client.cert" 2>/dev/null
}

@test "client certificates from --cert-dir and certs.d" {
  run --separate-stderr pull_tls "$REG_CLIENT/test/busybox"
  failed_with 125 "wants a client certificate"
  client_certificate "$BATS_TEST_TMPDIR/certs"
  coracle pull -q --cert-dir "$BATS_TEST_TMPDIR/certs" "$REG_CLIENT/test/busybox"
  coracle rmi -fa
  # The peer takes the same directory.
  skopeo inspect --cert-dir "$BATS_TEST_TMPDIR/certs" "docker://$REG_CLIENT/test/busybox" >/dev/null
  mkdir -p "$XDG_CONFIG_HOME/containers/certs.d"
  cp -r "$BATS_TEST_TMPDIR/certs" "$XDG_CONFIG_HOME/containers/certs.d/$REG_CLIENT"
  coracle pull -q "$REG_CLIENT/test/busybox"
  rm "$XDG_CONFIG_HOME/containers/certs.d/$REG_CLIENT/client.key"
  run --separate-stderr coracle pull -q "$REG_CLIENT/test/busybox"
  failed_with 125 "there is no client.key for client.cert"
  rm -r "$XDG_CONFIG_HOME/containers/certs.d/$REG_CLIENT"
}

@test "a client certificate of another authority is refused in a line" {
  client_certificate "$BATS_TEST_TMPDIR/certs"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=a client' \
    -keyout "$BATS_TEST_TMPDIR/certs/client.key" -out "$BATS_TEST_TMPDIR/certs/client.cert" 2>/dev/null
  run --separate-stderr coracle pull -q --cert-dir "$BATS_TEST_TMPDIR/certs" "$REG_CLIENT/test/busybox"
  failed_with 125 "$REG_CLIENT does not take the client certificate"
}

@test "--retry and --retry-delay" {
  started=$(date +%s%N)
  run -0 --separate-stderr coracle pull -q --tls-verify=false --retry 5 --retry-delay 10ms "$BAD/busy/busybox"
  [ -z "$stderr" ]
  # Two of 10 ms, and the second that the registry asks for.
  [ $(($(date +%s%N) - started)) -gt 1000000000 ]
  rm -r "$BAD_DIR/seen"
  mkdir "$BAD_DIR/seen"
  coracle rmi -fa
  run --separate-stderr coracle pull -q --tls-verify=false --retry 1 --retry-delay 0 "$BAD/busy/busybox"
  failed_with 125 "unavailable"
  for delay in x -1s ''; do
    run --separate-stderr coracle pull -q --retry-delay "$delay" "$BAD/ok/busybox"
    failed_with 125 "--retry-delay"
  done
}

@test "an image of as many layers as docker makes" {
  layout_new "$BAD_DIR/many"
  for n in $(seq 127); do
    echo "file layers/$n data=$n" | "$CT_SUPPORT/mktar" >"$BATS_TEST_TMPDIR/tar"
    layout_layer "$BAD_DIR/many" "$BATS_TEST_TMPDIR/tar" none
  done
  layout_image "$BAD_DIR/many" latest "linux/$(host_arch)" '{}'
  coracle pull -q --tls-verify=false "$BAD/ok/many"
  run -0 coracle run --rm --network none -v "$CT_LIST_TREE:/list-tree:ro" "$BAD/ok/many" /list-tree -x /layers
  [ "$(grep -c '^/[0-9]' <<<"$output")" = 127 ]
}
