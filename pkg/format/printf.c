/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "format/fmt.h"
#include "format/utf8.h"

/* printf: reads the format and hands one argument after the other to fmt_value(). */
struct printf_state {
	const struct value_scope *scope;
	const char *at;
	const char *end;
	const struct value *args;
	size_t count;
	size_t next;          /* argument */
	bool has_reordered;   /* by number: then surplus ones are no mistake */
	bool has_wrong_index; /* in this directive */
	struct strbuf *ret;
};

static int peek(const struct printf_state *state)
{
	return state->at < state->end ? (unsigned char)*state->at : -1;
}

static void read_flags(struct printf_state *state, struct fmt_spec *spec)
{
	for (;; state->at++) {
		switch (peek(state)) {
		case '-':
			spec->minus = true;
			spec->zero = false;
			break;
		case '+':
			spec->plus = true;
			break;
		case '#':
			spec->sharp = true;
			break;
		case ' ':
			spec->space = true;
			break;
		case '0':
			spec->zero = !spec->minus;
			break;
		default:
			return;
		}
	}
}

/* [2]: which argument is next. */
static void read_index(struct printf_state *state)
{
	size_t number = 0;

	if (peek(state) != '[')
		return;
	state->has_reordered = true;
	for (state->at++; peek(state) >= '0' && peek(state) <= '9'; state->at++)
		number = number > state->count ? number : number * 10 + (size_t)(*state->at - '0');
	if (peek(state) == ']')
		state->at++;
	else
		state->has_wrong_index = true;
	if (number < 1 || number > state->count)
		state->has_wrong_index = true;
	else
		state->next = number - 1;
}

/* A number, or * and the next argument. 1: there is one; 0; -E2BIG. */
static int read_number(
	struct printf_state *state, const char *wrong, int *ret_number, struct error *err)
{
	const struct value *arg;
	int64_t number = 0;
	bool is_star = peek(state) == '*';

	if (!is_star && (peek(state) < '0' || peek(state) > '9'))
		return 0;
	for (; !is_star && peek(state) >= '0' && peek(state) <= '9'; state->at++)
		number = number > FMT_MAX_WIDTH ? number : number * 10 + (*state->at - '0');
	if (is_star) {
		state->at++;
		arg = state->next < state->count ? &state->args[state->next++] : NULL;
		if (!arg || arg->kind != VALUE_INT) {
			strbuf_adds(state->ret, wrong);
			return 0;
		}
		number = arg->integer;
	}
	if (number > FMT_MAX_WIDTH || number < -FMT_MAX_WIDTH)
		return error_set(err, E2BIG, "width of more than %d", FMT_MAX_WIDTH);
	*ret_number = (int)number;
	return 1;
}

static int read_width(struct printf_state *state, struct fmt_spec *spec, struct error *err)
{
	int r = read_number(state, "%!(BADWIDTH)", &spec->width, err);

	spec->has_width = r > 0;
	if (r > 0 && spec->width < 0) {
		spec->width = -spec->width;
		spec->minus = true;
		spec->zero = false;
	}
	if (r < 0 || peek(state) != '.')
		return r < 0 ? r : 0;
	state->at++;
	spec->has_precision = true;
	r = read_number(state, "%!(BADPREC)", &spec->precision, err);
	/* A negative one counts as none. */
	if (r > 0 && spec->precision < 0)
		spec->has_precision = false;
	return r < 0 ? r : 0;
}

static void add_mistake(struct printf_state *state, uint32_t verb, const char *what)
{
	strbuf_adds(state->ret, "%!");
	utf8_add(state->ret, verb);
	strbuf_adds(state->ret, what);
}

static int run_directive(struct printf_state *state, struct error *err)
{
	struct fmt_spec spec = {0};
	int r;

	state->at++;
	state->has_wrong_index = false;
	read_flags(state, &spec);
	r = read_width(state, &spec, err);
	if (r < 0)
		return r;
	read_index(state);
	if (state->at == state->end) {
		strbuf_adds(state->ret, "%!(NOVERB)");
		return 0;
	}
	state->at += utf8_decode(state->at, (size_t)(state->end - state->at), &spec.verb);
	if (spec.verb == '%')
		strbuf_addc(state->ret, '%');
	else if (state->has_wrong_index)
		add_mistake(state, spec.verb, "(BADINDEX)");
	else if (state->next >= state->count)
		add_mistake(state, spec.verb, "(MISSING)");
	else if (spec.verb == 'v' && spec.sharp)
		return error_set(err, EINVAL, "there is no %%#v");
	else
		return fmt_value(state->scope, &spec, &state->args[state->next++], state->ret, err);
	return 0;
}

static int add_surplus(struct printf_state *state, struct error *err)
{
	int r = 0;

	if (state->has_reordered || state->next >= state->count)
		return 0;
	strbuf_adds(state->ret, "%!(EXTRA ");
	for (size_t i = state->next; r == 0 && i < state->count; i++) {
		const struct value *arg = &state->args[i];

		if (i > state->next)
			strbuf_adds(state->ret, ", ");
		if (!value_is_absent(arg))
			strbuf_addf(state->ret, "%s=", value_type_name(arg));
		r = fmt_plain(state->scope, arg, state->ret, err);
	}
	strbuf_addc(state->ret, ')');
	return r;
}

int fmt_printf(const struct value_scope *scope, const char *format, size_t len,
	const struct value *args, size_t count, struct strbuf *ret, struct error *err)
{
	struct printf_state state = {
		.scope = scope,
		.at = format,
		.end = format + len,
		.args = args,
		.count = count,
		.ret = ret,
	};
	int r = 0;

	while (r == 0 && state.at < state.end) {
		const char *percent = memchr(state.at, '%', (size_t)(state.end - state.at));

		strbuf_add(ret, state.at, (size_t)((percent ? percent : state.end) - state.at));
		state.at = percent ? percent : state.end;
		if (percent)
			r = run_directive(&state, err);
	}
	return r < 0 ? r : add_surplus(&state, err);
}
