#include "journal/kept.h"

#include "journal/guard_client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void spend(struct kept_entry *entry)
{
	for (size_t i = 0; i < RESERVED_DESCRIPTORS; i++) {
		if (entry->reserved[i] >= 0)
			close(entry->reserved[i]);
		entry->reserved[i] = -1;
	}
}

static void let_go(struct kept_entry *entry)
{
	spend(entry);
	if (entry->fd >= 0)
		close(entry->fd);
	buf_release(&entry->text);
	free(entry);
}

int kept_add(struct kept *k, const char *uid, const char *text, int fd, struct err *e)
{
	struct kept_entry *entry = mem_alloc(sizeof *entry);
	snprintf(entry->uid, sizeof entry->uid, "%s", uid);
	buf_init(&entry->text);
	buf_addstr(&entry->text, text);
	entry->fd = -1;
	for (size_t i = 0; i < RESERVED_DESCRIPTORS; i++)
		entry->reserved[i] = -1;
	if (k->guard && guard_tell(k->guard, uid, text, e)) {
		let_go(entry);
		return -1;
	}
	entry->fd = fd;
	entry->next = k->first;
	k->first = entry;
	return 0;
}

struct kept_entry *kept_find(const struct kept *k, const char *uid)
{
	struct kept_entry *at = k ? k->first : NULL;
	while (at && strcmp(at->uid, uid) != 0)
		at = at->next;
	return at;
}

int kept_reserve(struct kept *k, const char *uid, struct err *e)
{
	struct kept_entry *entry = kept_find(k, uid);
	for (size_t i = 0; entry && i < RESERVED_DESCRIPTORS; i++) {
		entry->reserved[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (entry->reserved[i] < 0)
			return err_sys(e, errno, "no descriptors for the undo");
	}
	return 0;
}

void kept_note(struct kept *k, const char *uid, const char *line)
{
	struct err ignored;
	struct kept_entry *entry = kept_find(k, uid);
	if (!entry)
		return;
	buf_addstr(&entry->text, line);
	if (k->guard)
		guard_tell(k->guard, uid, line, &ignored);
}

void kept_spend(struct kept *k, const char *uid)
{
	struct kept_entry *entry = kept_find(k, uid);
	if (entry)
		spend(entry);
}

void kept_drop(struct kept *k, const char *uid)
{
	struct err ignored;
	struct kept_entry *entry = kept_find(k, uid);
	if (!entry)
		return;
	struct kept_entry **at = &k->first;
	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	let_go(entry);
	if (k->guard)
		guard_tell(k->guard, uid, "", &ignored);
}

void kept_tell_again(struct kept *k)
{
	struct err ignored;
	for (const struct kept_entry *at = k->first; at; at = at->next)
		guard_tell(k->guard, at->uid, at->text.data, &ignored);
}

void kept_release(struct kept *k)
{
	for (struct kept_entry *at; (at = k->first);) {
		k->first = at->next;
		let_go(at);
	}
	k->guard = NULL;
}
