/* What may be said of a run: each claim has a name, the words that say it, and the same in a form
 * that a text can be checked against. Pure. */
#ifndef LLM_CLAIM_H
#define LLM_CLAIM_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum claim_topic {
	TOPIC_NONE,
	TOPIC_THROUGHPUT,
	TOPIC_P50,
	TOPIC_P95,
	TOPIC_P99,
	TOPIC_ERROR_RATE,
	TOPIC_FAILED,
	TOPIC_WORST,
	TOPIC_AVAILABILITY,
	TOPIC_ANOMALY,
	TOPIC_FAULT, /* from here on: of a fault */
	TOPIC_UNDONE,
	TOPIC_RECOVERY,
	TOPIC_NOT_RECOVERED,
	TOPIC_FIRST_ERROR,
	TOPIC_BLACKOUT,
	TOPIC_LOST,
	TOPIC_NO_EFFECT, /* the last that is of a fault */
	TOPIC_JUDGED,
	TOPIC_SOUND,
	TOPIC_COUNT
};

enum claim_unit {
	UNIT_COUNT,
	UNIT_S,
	UNIT_SHARE,  /* 0-1, said in percent */
	UNIT_RATE,   /* per second */
	UNIT_FACTOR, /* ×2.0 */
	UNIT_POINTS, /* 0-1, said in percentage points */
};

enum claim_role {
	ROLE_VALUE,  /* of the run */
	ROLE_BEFORE, /* of the baseline; the start of a span */
	ROLE_END,    /* the end of a span: "to 18 s" */
	ROLE_WHOLE,  /* of which it is a part: the 1000 in "138 of 1000" */
	ROLE_CHANGE, /* between them, without its sign */
};

struct claim_number {
	double value;
	enum claim_unit unit;
	enum claim_role role;
};

enum { CLAIM_NUMBERS = 6 };

struct claim {
	char *id;
	char *text; /* a clause, with its subject and direction: "p99 latency rose from … to …" */
	enum claim_topic topic;
	char *node;	    /* whom it is about, as in the text; NULL: the whole system */
	const char *action; /* TOPIC_FAULT: "killed"; a literal */
	const char *word;   /* an error class that its text names, or NULL; a literal */
	bool names_node;    /* the text is a node's name and no clause */
	bool has_direction;
	int direction; /* of the run's value against the baseline's: -1, 0, 1 */
	struct claim_number numbers[CLAIM_NUMBERS];
	size_t number_count;
};

struct claim_name {
	char *text;
	bool hurt; /* a fault was on it, or requests to it failed */
};

struct claims {
	struct claim *all;
	size_t count, alloc;
	struct claim_name *names; /* of nodes and hosts, as the text of claims has them */
	size_t name_count, name_alloc;
};

void claims_release(struct claims *c);

/* Appends a claim; what the caller does not fill stays zero. Borrowed until the next one. */
struct claim *claims_add(struct claims *c, const char *text, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void claim_add_number(struct claim *c, double value, enum claim_unit unit, enum claim_role role);
void claims_add_name(struct claims *c, const char *text, bool hurt);

/* The index of the claim with that id of len bytes; c->count if there is none. */
size_t claims_find(const struct claims *c, const char *id, size_t len);

#endif
