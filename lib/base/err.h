/* An error: a message for the user and its exit code. Library functions return -1 and fill one. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/exit.h"

#include <stddef.h>

struct err {
	enum exit_code code; /* the exit code for this error */
	int sys_errno;	     /* the errno behind it, or 0 */
	char msg[512];	     /* one line, no full stop, subjects in single quotes; ends in
			      * "..." where it was cut; control characters are blanks */
	/* What a program may want of it without reading the message, which unsets it when it is set. */
	const char *unknown; /* the kind of word that is not known, "command"; static, NULL: none is */
	char near[64];	     /* the known word nearest to it, "" for none */
	const char *allow;   /* the word that would allow what is refused; static, NULL: none would */
	size_t why_len;	     /* with it: so much of the message says why */
};

/* Input (usage, config, scenario) is wrong: EXIT_USAGE. Returns -1. */
int err_usage(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A needed thing failed at run time: EXIT_RUNTIME. Returns -1. */
int err_runtime(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same with ": strerror(sys_errno)" appended, which always fits. Returns -1. */
int err_sys(struct err *e, int sys_errno, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "cannot read 'name': reason", of a failed read(2). A folder, as with "program <folder", is EXIT_USAGE. Returns -1. */
int err_read(struct err *e, int sys_errno, const char *name);

/* Of a message just set: the word, an option or one of a command line, allows that. Returns -1. */
int err_allow(struct err *e, const char *word);

/* Of a message just set: that kind of word is not known; near may be NULL. */
void err_unknown(struct err *e, const char *kind, const char *near);

/* Puts "prefix: " in front of the message. Returns -1. */
int err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#ifdef __clang_analyzer__ /* the analyzer sees one file at a time and needs the return value */
#define err_usage(...) (err_usage(__VA_ARGS__), -1)
#define err_runtime(...) (err_runtime(__VA_ARGS__), -1)
#define err_sys(...) (err_sys(__VA_ARGS__), -1)
#define err_prefix(...) (err_prefix(__VA_ARGS__), -1)
#define err_allow(...) (err_allow(__VA_ARGS__), -1)
#endif

#endif
