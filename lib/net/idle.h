/* The connections of a node's pool that wait for a request, last used first. */
#ifndef NET_IDLE_H
#define NET_IDLE_H

#include <stddef.h>

/* Stands first in a connection of a pool. */
struct idle_link {
	struct idle_link *next, *previous;
};

struct idle_list {
	struct idle_link *first;
};

static inline void idle_add(struct idle_list *list, struct idle_link *l)
{
	l->previous = NULL;
	l->next = list->first;
	if (l->next)
		l->next->previous = l;
	list->first = l;
}

/* Takes out the one that was used last; NULL if none is idle. */
static inline struct idle_link *idle_pop(struct idle_list *list)
{
	struct idle_link *l = list->first;
	if (!l)
		return NULL;
	list->first = l->next;
	if (l->next)
		l->next->previous = NULL;
	return l;
}

static inline void idle_remove(struct idle_list *list, struct idle_link *l)
{
	if (l->next)
		l->next->previous = l->previous;
	if (l->previous)
		l->previous->next = l->next;
	else
		list->first = l->next;
}

#endif
