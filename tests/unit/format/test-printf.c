/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "rows.h"

struct test_case {
	const char *format;
	const char *text;
};

static void check(const struct test_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		AUTO(strbuf_release) struct strbuf text = STRBUF_INIT;
		struct error err = {0};
		autofree char *format = xasprintf("{{printf %s}}", cases[i].format);

		if (run_template(format, 1, &text, &err) < 0)
			fail_msg("%s: %s", format, error_text(&err));
		text.data[text.len - 1] = '\0';
		if (strcmp(text.data, cases[i].text) != 0)
			fail_msg("%s\n got: %s\nwant: %s", format, text.data, cases[i].text);
	}
}
#define CHECK(cases) check((cases), ARRAY_SIZE(cases))

/* Each of these was given to podman 4.3.1, which printed the same. */
static void podman_prints_the_same(void **state)
{
	static const struct test_case cases[] = {
		{"\"%s %d %q %t %x\" .Name .State.ExitCode .Name .State.Running .Name",
			"web 0 \"web\" false 776562"},
		{"\"%-10s| %10s| %5d| %05d| %%\" .Name .Name 42 42",
			"web       |        web|    42| 00042| %"},
		{"\"%d\" .Name", "%!d(string=web)"},
		{"\"%s\" 5", "%!s(int=5)"},
		{"\"%s\"", "%!s(MISSING)"},
		{"\"%s\" 1 2", "%!s(int=1)%!(EXTRA int=2)"},
		{"\"%z\" 3", "%!z(int=3)"},
		{"\"%\"", "%!(NOVERB)"},
		{"\"%!\"", "%!!(MISSING)"},
		{"\"%f %.2f %e %g\" 1.5 1.5 1.5 1.5", "1.500000 1.50 1.500000e+00 1.5"},
		{"\"%v %s %d\" nil nil nil", "<nil> %!s(<nil>) %!d(<nil>)"},
		{"\"%q %x %X %o %b %c %U\" 65 65 65 65 65 65 65", "'A' 41 41 101 1000001 A U+0041"},
		{"\"%s|%q|%d\" .Config.Cmd .Config.Cmd .Config.Cmd",
			"[sleep 1000]|[\"sleep\" \"1000\"]|[%!d(string=sleep) %!d(string=1000)]"},
		{"\"%v|%+v|%s\" .Config.Labels .Config.Labels .Config.Labels",
			"map[a:one b:two k:v x:y]|map[a:one b:two k:v x:y]|"
			"map[a:one b:two k:v x:y]"},
		{"\"%T %T\" .Name .State.Pid", "string int"},
		{"\"%5t|%-7v|%3c|%6.2f|%+d|% d|%x|% x|%#x\" true nil 65 3.14159 5 5 \"hi\" \"hi\" "
		 "255",
			" true|<nil>  |  A|  3.14|+5| 5|6869|68 69|0xff"},
		{"\"%5.1s|%.2s|%-5.1q\" \"hello\" \"hello\" \"hello\"", "    h|he|\"h\"  "},
		{"\"%*d|%-*d|\" 5 42 5 42", "   42|42   |"},
		{"\"%[2]d %[1]d\" 1 2", "2 1"},
		{"\"%s\" .Config.Labels.none", "%!s(<nil>)"},
	};

	(void)state;
	CHECK(cases);
}

/* As package fmt documents it. */
static void corners_are_those_of_go(void **state)
{
	static const struct test_case cases[] = {
		{"\"%05d|%+05d|%-05d|%05s\" -42 42 42 \"x\"", "-0042|+0042|42   |0000x"},
		{"\"%.3d|%8.3d|%x|%X|%#o|%O|%#b\" 7 7 -255 255 8 8 5",
			"007|     007|-ff|FF|010|0o10|0b101"},
		{"\"%d\" -9223372036854775808", "-9223372036854775808"},
		{"\"%*d\" \"x\" 5", "%!(BADWIDTH)5"},
		{"\"%*d|\" -5 42", "42   |"},
		{"\"%.*f\" 1 2.55", "2.5"},
		{"\"%[3]d\" 1 2", "%!d(BADINDEX)"},
		{"\"%[x]d\" 1", "%!x(BADINDEX)]d"},
		{"\"%v %v\" .State.Running 1.0", "false 1"},
		{"\"%s\" .Created", "2026-11-24 08:40:16.497693626 +0000 UTC"},
		{"\"%v\" .Mounts", "[{bind /tmp /mnt false}]"},
		{"\"%+v\" .Mounts", "[{Type:bind Source:/tmp Destination:/mnt RW:false}]"},
		{"\"%q\" \"a\\tb\\\"c\\x00\"", "\"a\\tb\\\"c\\x00\""},
		{"\"%-6s|%6s|\" \"h\u00e9\" \"h\u00e9\"", "h\u00e9    |    h\u00e9|"},
		{"\"%.1s|%.0s|%.s|\" \"h\u00e9\" \"x\" \"y\"", "h|||"},
		{"\"%t\" 1", "%!t(int=1)"},
		{"\"%x\" true", "%!x(bool=true)"},
		{"\"%d\" 1.5", "%!d(float64=1.5)"},
		{"\"%08.3f|%+.1f|%g|%e\" 3.14159 2.0 1e6 0.0", "0003.142|+2.0|1e+06|0.000000e+00"},
		{"\"%U|%c|%q\" 8364 8364 8364", "U+20AC|\u20ac|'\u20ac'"},
		{"\"100%% %s\" \"x\"", "100% x"},
		{"\"%\u00e9\" 1", "%!\u00e9(int=1)"},
	};

	(void)state;
	CHECK(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(podman_prints_the_same),
		cmocka_unit_test(corners_are_those_of_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
