#include "input/records.h"

#include "base/buf.h"
#include "base/units.h"

#include <stdlib.h>

void records_release(struct records *r)
{
	free(r->all);
	*r = (struct records){.wanted = r->wanted, .exceeded = r->exceeded};
}

void records_add(struct records *r, const struct csv_row *row, unsigned node, unsigned op)
{
	int64_t latency_us = row->latency_ns / NS_PER_US;
	if (r->exceeded)
		return;
	if (r->count == RECORDS_MAX) {
		r->exceeded = true;
		records_release(r);
		return;
	}
	r->all = mem_grow(r->all, &r->alloc, r->count, sizeof *r->all);
	r->all[r->count++] = (struct record){
		.due_us = row->due_ns / NS_PER_US,
		.latency_us = latency_us < 0		? 0
			      : latency_us < UINT32_MAX ? (uint32_t)latency_us
							: UINT32_MAX,
		.slot = row->slot < RECORD_NO_SLOT ? (uint32_t)row->slot : RECORD_NO_SLOT,
		.node = (uint8_t)node,
		.op = (uint8_t)op,
		.failed = row->failed,
	};
}
