#include "detect/expr.h"

#include <math.h>

struct expr_value expr_unknown(void)
{
	return (struct expr_value){-(double)INFINITY, (double)INFINITY};
}

struct expr_value expr_exactly(double v)
{
	return isnan(v) ? expr_unknown() : (struct expr_value){v, v};
}

struct expr_value expr_more_than(double v)
{
	if (isnan(v))
		return expr_unknown();
	return (struct expr_value){nextafter(v, (double)INFINITY), (double)INFINITY};
}

/* Infinity minus infinity is unknown. */
static struct expr_value between(double low, double high)
{
	if (isnan(low) || isnan(high))
		return expr_unknown();
	return (struct expr_value){low, high};
}

/* A bound of 0 times an infinite bound is 0: values themselves are finite. */
static double times(double a, double b)
{
	return fpclassify(a) == FP_ZERO || fpclassify(b) == FP_ZERO ? 0 : a * b;
}

static struct expr_value multiply(struct expr_value a, struct expr_value b)
{
	double p = times(a.low, b.low), q = times(a.low, b.high);
	double r = times(a.high, b.low), s = times(a.high, b.high);
	return between(fmin(fmin(p, q), fmin(r, s)), fmax(fmax(p, q), fmax(r, s)));
}

static struct expr_value divide(struct expr_value a, struct expr_value b)
{
	if (b.low <= 0 && b.high >= 0)
		return expr_unknown();
	return multiply(a, between(1 / b.high, 1 / b.low));
}

static struct expr_value calculate(const struct expr_node *n, const struct expr_value *v,
				   const struct expr_source *from)
{
	struct expr_value a = v[n->left], b = v[n->right];
	if (n->op == EXPR_NUMBER)
		return expr_exactly(n->number);
	if (n->op == EXPR_METRIC)
		return from->get(from->context, n->metric, n->baseline);
	if (n->op == EXPR_NEGATE)
		return between(-a.high, -a.low);
	if (n->op == EXPR_ADD)
		return between(a.low + b.low, a.high + b.high);
	if (n->op == EXPR_SUBTRACT)
		return between(a.low - b.high, a.high - b.low);
	return n->op == EXPR_MULTIPLY ? multiply(a, b) : divide(a, b);
}

static enum expr_truth more(struct expr_value a, struct expr_value b)
{
	return a.low > b.high ? EXPR_TRUE : a.high <= b.low ? EXPR_FALSE : EXPR_UNKNOWN;
}

static enum expr_truth not(enum expr_truth t)
{
	return t == EXPR_UNKNOWN ? t : t == EXPR_TRUE ? EXPR_FALSE : EXPR_TRUE;
}

static enum expr_truth equal(struct expr_value a, struct expr_value b)
{
	if (a.low > b.high || b.low > a.high)
		return EXPR_FALSE;
	/* The intervals overlap; two points that overlap are equal. */
	return a.low >= a.high && b.low >= b.high ? EXPR_TRUE : EXPR_UNKNOWN;
}

bool expr_uses(const struct expr *x, unsigned first, unsigned end)
{
	for (unsigned i = 0; i < x->count; i++)
		if (x->nodes[i].op == EXPR_METRIC && x->nodes[i].metric >= first && x->nodes[i].metric < end)
			return true;
	return false;
}

enum expr_truth expr_eval(const struct expr *x, const struct expr_source *from,
			  struct expr_value *left, struct expr_value *right)
{
	struct expr_value v[EXPR_NODES_MAX] = {{0, 0}};
	if (x->count == 0)
		return EXPR_UNKNOWN;
	const struct expr_node *last = &x->nodes[x->count - 1];
	for (unsigned i = 0; i + 1 < x->count; i++) /* operands precede their operator */
		v[i] = calculate(&x->nodes[i], v, from);
	struct expr_value a = v[last->left], b = v[last->right];
	if (left)
		*left = a;
	if (right)
		*right = b;
	if (last->op == EXPR_EQUAL || last->op == EXPR_UNEQUAL)
		return last->op == EXPR_EQUAL ? equal(a, b) : not(equal(a, b));
	if (last->op == EXPR_MORE || last->op == EXPR_LESS_EQUAL)
		return last->op == EXPR_MORE ? more(a, b) : not(more(a, b));
	return last->op == EXPR_LESS ? more(b, a) : not(more(b, a));
}
