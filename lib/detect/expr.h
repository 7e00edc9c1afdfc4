/* Rules: one grammar for gates, expectations and stop rules.
 *
 *	rule    = sum op sum [ "for" span ]
 *	op      = ">" | ">=" | "<" | "<=" | "==" | "!="
 *	sum     = product { ("+" | "-") product }
 *	product = factor { ("*" | "/") factor }
 *	factor  = number [ "%" ] | metric | "-" factor | "(" sum ")"
 *	metric  = a name of the caller's list, or "baseline." and one
 *
 *	recovery_time_sec > 10
 *	p99_latency_ms > 1.2 * baseline.p99_latency_ms + 5
 *	error_rate > 0.05 for 3s
 *
 * Values are intervals, so that what is not known exactly still decides where it can: a recovery
 * that was not seen before the end of the run at 20 s is (20, infinity), which is surely more than
 * 10, and perhaps more than 30. Nothing is allocated. */
#ifndef DETECT_EXPR_H
#define DETECT_EXPR_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	EXPR_NODES_MAX = 64,
	EXPR_TEXT_MAX = 512,
	EXPR_DEPTH_MAX = 32, /* nested parentheses and signs */
};

/* The value lies between these, ends included. */
struct expr_value {
	double low, high;
};

struct expr_value expr_exactly(double v); /* NaN: unknown */
struct expr_value expr_more_than(double v);
struct expr_value expr_unknown(void);

enum expr_truth { EXPR_FALSE, EXPR_TRUE, EXPR_UNKNOWN };

enum expr_op {
	EXPR_NUMBER, EXPR_METRIC, EXPR_NEGATE, EXPR_ADD, EXPR_SUBTRACT, EXPR_MULTIPLY, EXPR_DIVIDE,
	EXPR_MORE, EXPR_MORE_EQUAL, EXPR_LESS, EXPR_LESS_EQUAL, EXPR_EQUAL, EXPR_UNEQUAL,
};

struct expr_node {
	enum expr_op op;
	double number;
	uint8_t metric; /* index into the list of names */
	bool baseline;
	uint8_t left, right; /* nodes */
};

struct expr {
	char text[EXPR_TEXT_MAX]; /* as the user wrote it */
	struct expr_node nodes[EXPR_NODES_MAX];
	unsigned count; /* the last node is the comparison */
	int64_t for_ns; /* 0 if there is no "for" */
	bool uses_baseline;
	unsigned percent; /* the column of the first number in %, which counts as a share; 0: none */
};

/* metrics: at most 255 names, NULL-terminated. -1 (EXIT_USAGE) with the column and, for an unknown
 * name, the nearest known one. */
int expr_parse(struct expr *x, const char *text, const char *const *metrics, struct err *e);

/* True if the rule has a metric of the list from first on and before end, of this run or of the baseline. */
bool expr_uses(const struct expr *x, unsigned first, unsigned end);

/* Provides the values of metrics by their index. */
struct expr_source {
	struct expr_value (*get)(const void *context, unsigned metric, bool baseline);
	const void *context;
};

/* left, right: the compared values; may be NULL. The caller handles "for". */
enum expr_truth expr_eval(const struct expr *x, const struct expr_source *from,
			  struct expr_value *left, struct expr_value *right);

#endif
