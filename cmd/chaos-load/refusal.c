#include "refusal.h"

#include "cli/diag.h"
#include "sending/events_fd.h"
#include "stream/event.h"

#include <stdlib.h>
#include <string.h>

/* The message without the place that it begins with: the reader knows the request by its line. */
static const char *behind_place(const char *message, const char *file, int line)
{
	char *place = mem_printf("%s:%d", file, line);
	size_t len = strlen(place);
	const char *at = strncmp(message, place, len) == 0 ? message + len : message;
	free(place);
	return at == message ? at : at + strspn(at, "0123456789: ");
}

int refuse(const struct load_opts *o, int request_line, const struct err *e)
{
	struct event_sink events = {.fd = -1, .anchor = o->anchor_ns ? (struct anchor){o->anchor_ns} : anchor_now()};
	struct err failed;
	int code = diag_err(e);
	if (!o->check || events_open(o->events, &events.fd, &failed))
		return code;
	struct json *j = event_new(&events, EVENT_ERROR);
	event_set_err(j, e);
	json_set(j, "options", options_named(request_line ? "--requests" : e->msg));
	if (request_line) {
		json_set_int(j, "request_line", request_line);
		json_set_str(j, "why", behind_place(e->msg, o->requests, request_line));
	}
	return event_send(&events, j, &failed) ? exit_worse(code, diag_err(&failed)) : code;
}
