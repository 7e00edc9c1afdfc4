#include "toxics/decisions.h"

#include "base/hash.h"
#include "base/rng.h"
#include "stream/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void decisions_release(struct decisions *d)
{
	mem_free_texts(d->names, d->name_count);
	free(d->kept);
	*d = (struct decisions){0};
}

void decisions_add(struct decisions *d, const struct decision *one)
{
	if (d->count < DECISIONS_KEPT)
		d->kept = mem_grow(d->kept, &d->alloc, (size_t)d->count, sizeof *d->kept);
	d->kept[d->count++ % DECISIONS_KEPT] = *one;
}

const char *decisions_name(struct decisions *d, const char *name)
{
	for (size_t i = 0; i < d->name_count; i++)
		if (strcmp(d->names[i], name) == 0)
			return d->names[i];
	d->names = mem_grow(d->names, &d->name_alloc, d->name_count, sizeof *d->names);
	return d->names[d->name_count++] = mem_strdup(name);
}

uint64_t decisions_first(const struct decisions *d)
{
	return d->count > DECISIONS_KEPT ? d->count - DECISIONS_KEPT : 0;
}

void decisions_line(const struct decisions *d, uint64_t n, struct buf *out)
{
	const struct decision *one = &d->kept[n % DECISIONS_KEPT];
	struct json *j = json_object_new();
	json_set_str(j, "proxy", one->proxy);
	json_set_int(j, "connection", one->connection);
	json_set_str(j, "stream", one->stream ? "downstream" : "upstream");
	json_set_int(j, "block", (int64_t)one->block);
	json_set_str(j, "toxic", one->toxic);
	json_set_round(j, one->kind, one->value, 6);
	if (one->seeded)
		json_set_int(j, "seed", (int64_t)one->seed);
	json_line(j, out);
}

uint64_t decisions_sum(const struct decision *one)
{
	const uint64_t parts[] = {(uint64_t)one->connection, one->block, (uint64_t)one->stream, one->seed,
				  (uint64_t)llround(one->value * 1e6)};
	uint64_t h = hash_fnv1a(HASH_FNV1A_START, one->proxy, strlen(one->proxy) + 1);
	h = hash_fnv1a(h, one->toxic, strlen(one->toxic) + 1);
	h = hash_fnv1a(h, one->kind, strlen(one->kind) + 1);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		h = rng_at(h, parts[i]);
	return h;
}

double draw(uint64_t base, uint64_t key, uint64_t position)
{
	return (double)(rng_at(base ^ key, position) >> 11) * 0x1p-53;
}
