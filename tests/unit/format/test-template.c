/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rows.h"

struct test_case {
	const char *format;
	const char *text; /* without the newline behind it; NULL: an error */
};

static void check(const struct test_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
		struct error err = {0};
		int r = run_template(cases[i].format, 1, &text, &err);

		if (r < 0 || text.len == 0)
			fail_msg("%s: %s", cases[i].format, error_text(&err));
		text.data[text.len - 1] = '\0';
		if (strcmp(text.data, cases[i].text) != 0)
			fail_msg("%s\n got: %s\nwant: %s", cases[i].format, text.data,
				cases[i].text);
	}
}
#define CHECK(cases) check((cases), ARRAY_SIZE(cases))

/*
 * podman 4.3.1 (inspect, ps) printed the same for containers with these values; the ports stand in
 * PortBindings there.
 */
static void podman_prints_the_same(void **state)
{
	static const struct test_case cases[] = {
		{"{{.Name}}", "web"},
		{"plain", "plain"},
		{"{{.Id}}{{ .Name }}", "134c31b0af651f6aweb"},
		{"{{.State.Status}} {{.State.Running}} {{.State.ExitCode}}", "created false 0"},
		{"{{.State.StartedAt}} {{.Created}}",
			"0001-01-01 00:00:00 +0000 UTC 2026-11-24 08:40:16.497693626 +0000 UTC"},
		{"{{.Created.Unix}}", "1795509616"},
		{"{{.State.Health.Status}}", ""},
		{"{{.Config.Healthcheck}}", "<nil>"},
		{"{{.Config.Env}}", "[TERM=xterm X=y A=1]"},
		{"{{json .Config.Env}}", "[\"TERM=xterm\",\"X=y\",\"A=1\"]"},
		{"{{json .State.Status}}", "\"created\""},
		{"{{.Config.Labels}}", "map[a:one b:two k:v x:y]"},
		{"{{json .Config.Labels}}",
			"{\"a\":\"one\",\"b\":\"two\",\"k\":\"v\",\"x\":\"y\"}"},
		{"{{.Config.Labels.k}}", "v"},
		{"{{.Config.Labels.none}}", "<no value>"},
		{"{{index .Config.Labels \"none\"}}|", "|"},
		{"{{index .Config.Labels \"k\"}}", "v"},
		{"{{range .Mounts}}{{.Source}}:{{.Destination}}:{{.Src}}{{end}}", "/tmp:/mnt:/tmp"},
		{"{{range $i, $m := .Mounts}}{{$i}}={{$m.Source}} {{end}}", "0=/tmp "},
		{"{{range $k, $v := .Config.Labels}}{{$k}}={{$v}} {{end}}", "a=one b=two k=v x=y "},
		{"{{range $k, $v := .Config.Annotations}}{{$k}}{{else}}none{{end}}", "none"},
		{"{{.Ports}}", "map[80/tcp:[{127.0.0.1 8080}] 81/udp:[{ 8081}] 90/tcp:[]]"},
		{"{{(index (index .Ports \"80/tcp\") 0).HostPort}}", "8080"},
		{"{{index .Ports \"99/tcp\"}}", "[]"},
		{"{{if .State.Running}}up{{else if eq .State.Status \"created\"}}new{{else}}down"
		 "{{end}}",
			"new"},
		{"{{with $x := .Name}}{{$x}} {{.}}{{end}}", "web web"},
		{"{{$x := .Name}}{{$x = \"b\"}}{{$x}}", "b"},
		{"{{len .Mounts}} {{len .Name}} {{len .Config.Labels}}", "1 3 4"},
		{"{{index .Config.Env 0}}", "TERM=xterm"},
		{"{{slice .Name 0 2}} {{slice .Config.Env 1}}", "we [X=y A=1]"},
		{"{{print 1 2 \"a\" \"b\" 3 nil true}}", "1 2ab3 <nil> true"},
		{"{{println \"a\" 1 nil}}x", "a 1 <nil>\nx"},
		{"{{print .State.Running .State.Pid .Name}}", "false 0web"},
		{"{{eq .Name \"web\"}} {{eq .Name \"a\" \"b\" \"web\"}} {{ne .Name \"x\"}} {{lt 1 "
		 "2}} "
		 "{{le 2 2}} {{gt \"b\" \"a\"}} {{ge 1 2}}",
			"true true true true true true false"},
		{"{{eq .State.Pid 0}}", "true"},
		{"{{eq .Config.Labels nil}}", "false"},
		{"{{eq nil nil}}", "true"},
		{"{{eq .State.Running true}}", "false"},
		{"{{and true .Name}} {{and \"\" .Name}}| {{or \"\" .Name}} {{or .Name \"x\"}} "
		 "{{not .Name}} {{and 1 0 .Foo}}",
			"web | web web false 0"},
		{"{{join .Config.Env \",\"}}", "TERM=xterm,X=y,A=1"},
		{"{{.Config.Env | json}}", "[\"TERM=xterm\",\"X=y\",\"A=1\"]"},
		{"{{.Name | printf \"%s-%s\" \"x\"}}", "x-web"},
		{"{{.Name | upper | lower | title}}", "Web"},
		{"{{split \"a:b:c\" \":\"}} {{index (split \"a:b:c\" \":\") 1}}", "[a b c] b"},
		{"{{join (split \"a:b:c\" \":\") \"-\"}}", "a-b-c"},
		{"{{title \"hello world-foo bar\"}} {{upper \"h\u00e9\"}} {{lower \"\u00c0B\"}}",
			"Hello World-Foo Bar H\u00c9 \u00e0b"},
		{"{{pad \"\" 2 2}}|{{pad \"x\" 2 2}}|{{truncate \"hello\" 2}}|{{truncate \"he\" "
		 "5}}",
			"|  x  |he|he"},
		{"{{- .Name -}}   x", "webx"},
		{"a  {{- /* comment */ -}}  b", "ab"},
		{"{{/* c */}}x", "x"},
		{"{{true}} {{false}} {{1}} {{1.5}} {{'a'}} {{\"s\\x41\\u00e9\"}} {{0x1F}} {{1e3}} "
		 "{{-5}} {{+5}} {{1_000}} {{0b11}} {{0o17}} {{017}}",
			"true false 1 1.5 97 sA\u00e9 31 1000 -5 5 1000 3 15 15"},
		{"{{1000000.0}} {{1e20}} {{1e21}} {{123456789.0}} {{0.000001}} {{0.1}} {{1e-7}} "
		 "{{100000.5}}",
			"1e+06 1e+20 1e+21 1.23456789e+08 1e-06 0.1 1e-07 100000.5"},
		{"{{range .Config.Env}}{{if eq . \"A=1\"}}{{break}}{{end}}{{.}};{{end}}",
			"TERM=xterm;X=y;"},
		{"{{range .Config.Env}}{{if eq . \"X=y\"}}{{continue}}{{end}}{{.}};{{end}}",
			"TERM=xterm;A=1;"},
		{"{{index .Config.Labels \"k\" | len | lt 0}}", "true"},
		{"{{with .Config.Labels.none}}{{.}}{{else}}-{{end}}", "-"},
		{"{{if .Config.Labels.none}}y{{else}}n{{end}}", "n"},
		{"{{json .Config.Labels.none}} {{print .Config.Labels.none}}", "null <nil>"},
		{"{{eq .Config.Labels.none \"v\"}}", "false"},
		{"{{.Config.User}}|{{.Config.Volumes}}", "|map[]"},
	};

	(void)state;
	CHECK(cases);
}

static void what_podman_lacks_works_too(void **state)
{
	static const struct test_case cases[] = {
		/* podman's $ is the list of objects here. */
		{"{{with .Config}}{{$.Name}}{{end}}", "web"},
		/* \n in a constant is not replaced before the template is read. */
		{"{{join .Config.Cmd \"\\n\"}}", "sleep\n1000"},
		{"{{`raw\\n`}}", "raw\\n"},
		{"{{\"tab\\tquote\\\"\"}}", "tab\tquote\""},
		{"{{.Label \"k\"}} {{\"x\" | .Label}} {{$x := \"b\"}}{{.Label $x}}", "v y two"},
		{"{{.ID}} {{(.Config).Image}} {{$c := .Config}}{{$c.Image}}",
			"134c31b0af65 localhost/box:1 localhost/box:1"},
		{"{{.Nothing}} {{.Ratio}} {{json .Big}} {{json .Ratio}}", "<nil> 0.5 1000000 0.5"},
		{"a\\tb\\nc", "a\tb\nc"},
		{"{{range $x := .Config.Env}}{{range $y := $.Config.Cmd}}{{$x}}{{$y}} "
		 "{{end}}{{end}}",
			"TERM=xtermsleep TERM=xterm1000 X=ysleep X=y1000 A=1sleep A=11000 "},
		{"{{$n := 0}}{{range .Config.Env}}{{$n = len .}}{{end}}{{$n}}", "3"},
		{"{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"},
		{"{{truncate \"h\u00e9llo\" 2}}", "h"},
		{"{{json .}}",
			"{\"Id\":\"134c31b0af651f6a\",\"Name\":\"web\","
			"\"Created\":\"2026-11-24T08:40:16.497693626Z\","
			"\"State\":{\"Status\":\"created\",\"Running\":false,\"ExitCode\":0,"
			"\"Pid\":0,\"StartedAt\":\"0001-01-01T00:00:00Z\"},"
			"\"Config\":{\"Env\":[\"TERM=xterm\",\"X=y\",\"A=1\"],"
			"\"Cmd\":[\"sleep\",\"1000\"],"
			"\"Labels\":{\"a\":\"one\",\"b\":\"two\",\"k\":\"v\",\"x\":\"y\"},"
			"\"Image\":\"localhost/box:1\",\"Healthcheck\":null},"
			"\"Ports\":{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"8080\"}],"
			"\"81/udp\":[{\"HostIp\":\"\",\"HostPort\":\"8081\"}],\"90/tcp\":null},"
			"\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/tmp\","
			"\"Destination\":\"/mnt\",\"RW\":false}],"
			"\"Nothing\":null,\"Ratio\":0.5,\"Big\":1000000,"
			"\"Evil\":{\"k\\u001b\":\"a\\tb\\u001b[31m\\nx\\u009by\\u202ez\"}}"},
	};

	(void)state;
	CHECK(cases);
}

static void mistakes_are_named_with_their_place(void **state)
{
	static const struct test_case cases[] = {
		{"{{.Foo}}", "1:2: executing \"inspect\" at <.Foo>: can't evaluate field Foo in "
			     "type container"},
		{"a\n{{.State.Foo}}", "2:2: executing \"inspect\" at <.State.Foo>: can't evaluate "
				      "field Foo in type state"},
		{"{{.Name.Foo}}", "1:2: executing \"inspect\" at <.Name.Foo>: can't evaluate field "
				  "Foo in type string"},
		{"{{.name}}", "1:2: executing \"inspect\" at <.name>: can't evaluate field name in "
			      "type container"},
		{"{{.Config.Healthcheck.Test}}",
			"1:2: executing \"inspect\" at <.Config.Healthcheck.Test>: nil pointer "
			"evaluating health check.Test"},
		{"{{.Name 1}}", "1:2: executing \"inspect\" at <.Name>: Name has arguments but "
				"cannot be invoked as function"},
		{"{{.Label}}", "1:2: executing \"inspect\" at <.Label>: wrong number of args for "
			       "Label: want 1 got 0"},
		{"{{eq .Name 1}}", "1:2: executing \"inspect\" at <eq .Name 1>: error calling eq: "
				   "incompatible types for comparison"},
		{"{{eq 1 1.0}}", "1:2: executing \"inspect\" at <eq 1 1.0>: error calling eq: "
				 "incompatible types for comparison"},
		{"{{eq .Name}}", "1:2: executing \"inspect\" at <eq .Name>: error calling eq: "
				 "missing argument for comparison"},
		{"{{lt true false}}", "1:2: executing \"inspect\" at <lt true false>: error "
				      "calling lt: invalid type for comparison"},
		{"{{eq .Mounts .Mounts}}", "1:2: executing \"inspect\" at <eq .Mounts .Mounts>: "
					   "error calling eq: non-comparable type list"},
		{"{{and}}", "1:2: executing \"inspect\" at <and>: wrong number of args for and: "
			    "want at least 1 got 0"},
		{"{{not 1 2}}", "1:2: executing \"inspect\" at <not>: wrong number of args for "
				"not: want 1 got 2"},
		{"{{index .Config.Env 99}}",
			"1:2: executing \"inspect\" at <index .Config.Env 99>: error calling "
			"index: index out of range: 99"},
		{"{{index .Config.Env -1}}",
			"1:2: executing \"inspect\" at <index .Config.Env -1>: error calling "
			"index: index out of range: -1"},
		{"{{index .Config.Labels 1}}",
			"1:2: executing \"inspect\" at <index .Config.Labels 1>: error calling "
			"index: value has type int; should be string"},
		{"{{index nil 1}}", "1:2: executing \"inspect\" at <index nil 1>: error calling "
				    "index: index of untyped nil"},
		{"{{slice .Name 5}}", "1:2: executing \"inspect\" at <slice .Name 5>: error "
				      "calling slice: index out of range: 5"},
		{"{{slice .Name 2 1}}", "1:2: executing \"inspect\" at <slice .Name 2 1>: error "
					"calling slice: invalid slice index: 2 > 1"},
		{"{{len 5}}", "1:2: executing \"inspect\" at <len 5>: error calling len: len of "
			      "type int"},
		{"{{upper .Config.Labels.none}}",
			"1:2: executing \"inspect\" at <upper .Config.Labels.none>: error calling "
			"upper: invalid value; expected string"},
		{"{{join .Name \",\"}}", "1:2: executing \"inspect\" at <join .Name \",\">: error "
					 "calling join: wrong type for value; expected list; got "
					 "string"},
		{"{{range .Name}}x{{end}}", "1:8: executing \"inspect\" at <.Name>: range can't "
					    "iterate over string"},
		{"{{range .State}}x{{end}}", "1:8: executing \"inspect\" at <.State>: range can't "
					     "iterate over state"},
		{"{{nil}}", "1:2: executing \"inspect\" at <nil>: nil is not a command"},
		{"{{1 2}}", "1:2: executing \"inspect\" at <1>: can't give argument to "
			    "non-function"},
		{"{{foo .Name}}", "1: function \"foo\" not defined"},
		{"{{$x}}", "1: undefined variable \"$x\""},
		{"{{$x = 1}}", "1: undefined variable \"$x\""},
		{"{{if true}}{{$x := 1}}{{end}}{{$x}}", "1: undefined variable \"$x\""},
		{"{{$x, $y := 1}}", "1: too many declarations"},
		{"{{.Name", "1: unclosed action"},
		{"\n\n{{.Name}", "3: unexpected \"}\" in operand"},
		{"{{", "1: unclosed action"},
		{"{{}}", "1: missing value for command"},
		{"{{if}}x{{end}}", "1: missing value for if"},
		{"{{.Name |}}", "1: missing value for command"},
		{"{{| .Name}}", "1: unexpected \"|\" in command"},
		{"{{.Name | 5}}", "1: a value cannot stand behind a | in command"},
		{"{{if .Name}}", "1: unexpected EOF: {{end}} is missing"},
		{"{{if .Name}}{{else}}", "1: unexpected EOF: {{end}} is missing"},
		{"{{if 1}}{{else}}{{else}}{{end}}", "1: expected end; found {{else}}"},
		{"{{end}}", "1: unexpected {{end}}"},
		{"{{else}}", "1: unexpected {{else}}"},
		{"{{end x}}", "1: unexpected \"x\" in end"},
		{"{{break}}", "1: {{break}} outside {{range}}"},
		{"{{range .Mounts}}{{else}}{{continue}}{{end}}",
			"1: {{continue}} outside {{range}}"},
		{"{{(.Name}}", "1: unclosed left paren"},
		{"{{.Name)}}", "1: unexpected \")\" in command"},
		{"{{print(1)}}", "1: unexpected \"(\" in operand"},
		{"{{\"abc}}", "1: unterminated quoted string"},
		{"{{\"\\q\"}}", "1: invalid escape in \"\"\\q\"\""},
		{"{{'ab'}}", "1: bad number syntax: \"'ab'\""},
		{"{{1x}}", "1: bad number syntax: \"1x\""},
		{"{{99999999999999999999}}", "1: bad number syntax: \"99999999999999999999\""},
		{"{{.Name.}}", "1: unexpected \".\" in operand"},
		{"{{1.Name}}", "1: bad number syntax: \"1.Name\""},
		{"{{true.Name}}", "1: unexpected \".Name\" in operand"},
		{"{{.Na\033me}}", "1: bad character '\\x1b'"},
		{"{{/* c}}", "1: unclosed comment"},
		{"{{/* c */ x}}", "1: comment ends before closing delimiter"},
		{"{{define \"x\"}}{{end}}", "1: {{define}} is not supported"},
		{"{{template \"x\"}}", "1: {{template}} is not supported"},
		{"{{block \"x\" .}}{{end}}", "1: {{block}} is not supported"},
		{"{{printf \"%#v\" 1}}", "1:2: executing \"inspect\" at <printf \"%#v\" 1>: error "
					 "calling printf: there is no %#v"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
		struct error err = {0};
		autofree char *want = xasprintf("template: inspect:%s", cases[i].text);

		if (run_template(cases[i].format, 1, &text, &err) != -EINVAL)
			fail_msg("%s: no error, but %s", cases[i].format, strbuf_get(&text));
		if (strcmp(error_text(&err), want) != 0)
			fail_msg("%s\n got: %s\nwant: %s", cases[i].format, error_text(&err), want);
		assert_int_equal(text.len, 0);
	}
}

static void every_row_ends_with_one_newline(void **state)
{
	static const struct test_case cases[] = {
		{"{{.Name}}", "web\nweb\n"},
		{"{{.Name}}\\n", "web\nweb\n"},
		{"{{.Name}}{{\"\\n\"}}", "web\nweb\n"},
		{"{{println .Name}}", "web\nweb\n"},
		{"{{.Config.User}}", "\n\n"},
		{"", "\n\n"},
		{"{{range .Mounts}}{{.Source}}\n{{end}}", "/tmp\n/tmp\n"},
		/* The list itself, once. */
		{"{{range .}}{{.Name}},{{end}}", "web,web,\n"},
		{"{{range $i, $c := .}}{{$i}}{{$c.Name}}\n{{end}}", "0web\n1web\n"},
		{"{{range .}}{{end}}{{len $}}", "2\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
		struct error err = {0};

		assert_int_equal(run_template(cases[i].format, 2, &text, &err), 0);
		assert_string_equal(strbuf_get(&text), cases[i].text);
	}
}

static void no_rows_give_no_text(void **state)
{
	static const struct test_case cases[] = {
		{"{{.Name}}", ""}, {"{{range .}}x{{end}}", ""}, {"json", "[]\n"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;

		assert_int_equal(run_template(cases[i].format, 0, &text, NULL), 0);
		assert_string_equal(strbuf_get(&text), cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(podman_prints_the_same),
		cmocka_unit_test(what_podman_lacks_works_too),
		cmocka_unit_test(mistakes_are_named_with_their_place),
		cmocka_unit_test(every_row_ends_with_one_newline),
		cmocka_unit_test(no_rows_give_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
