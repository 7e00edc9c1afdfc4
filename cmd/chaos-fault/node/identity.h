/* Which server a node is at this moment, beyond doubt: what an act aims at, and what the journal
 * keeps so that the undo aims at the same. Each kind of node fills and reads its own part. */
#ifndef FAULT_NODE_IDENTITY_H
#define FAULT_NODE_IDENTITY_H

#include "programs/program.h"
#include "sys/proc.h"

enum { CONTAINER_ID_MAX = 72, ENGINE_MAX = 160, STARTED_MAX = 40, PROJECT_MAX = 256, OPAQUE_MAX = 4097 };

/* All zero: nobody. A text that is longer is refused (field_put), never cut. */
struct identity {
	struct proc_id proc; /* of a process; pid 0: none */
	/* Of a container: its full id, 64 hex digits, where its engine listens, and when it was
	 * started, which tells one life of it from the next; and its compose project; else "". */
	char container[CONTAINER_ID_MAX];
	char engine[ENGINE_MAX];
	char started[STARTED_MAX];
	char project[PROJECT_MAX];
	/* Of a kind that is a program: the sum of the program, and what it says, which nobody else
	 * understands; else "". */
	char sum[PROGRAM_SUM_MAX];
	char opaque[OPAQUE_MAX];
};

#endif
